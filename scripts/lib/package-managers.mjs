/**
 * Where a Redis server comes from on each system. Either of the two servers will do: distributions are moving from
 * Redis to Valkey, so that one of the packages may be missing (Fedora 41 has no redis, Debian 12 no valkey).
 */
export const PACKAGE_MANAGERS = [
  {
    command: 'apt-get',
    needsRoot: true,
    refresh: ['update'],
    install: ['-o', 'DPkg::Lock::Timeout=120', 'install', '-y', '--no-install-recommends'],
    packages: ['redis-server', 'valkey-server'],
    startsService: true,
  },
  { command: 'apk', needsRoot: true, install: ['add', '--no-cache'], packages: ['redis', 'valkey'] },
  { command: 'dnf', needsRoot: true, install: ['install', '-y'], packages: ['valkey', 'redis'] },
  { command: 'brew', needsRoot: false, install: ['install'], packages: ['redis', 'valkey'] },
];
