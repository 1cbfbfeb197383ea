// Imported before all else: until somebody listens a SIGHUP would end the process, and to load the rest takes a while.
process.on('SIGHUP', () => undefined);
