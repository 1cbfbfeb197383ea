/** The URL, or undefined where the text is none. (`URL.parse` is younger than Node 20.) */
export function urlOf(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

/** Does the host of this URL name this machine itself? */
export const isLoopback = (url: URL): boolean => isLoopbackHost(url.hostname.replace(/^\[|\]$/g, ''));

/** The same of a host name or an address without brackets. */
export const isLoopbackHost = (host: string): boolean =>
  host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
