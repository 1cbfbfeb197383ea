/** SIGHUP asks for the manifest to be read anew. */
export interface Hangups {
  /** Reloads from now on; at once where a signal came before. One at a time: those that come meanwhile are one more. */
  follow(reload: () => Promise<void>): void;
}

export function listenForHangups(): Hangups {
  let wanted = false;
  let underWay = false;
  let follow: (() => Promise<void>) | undefined;

  const turn = async (): Promise<void> => {
    if (underWay || follow === undefined) return;
    underWay = true;
    while (wanted) {
      wanted = false;
      await follow();
    }
    underWay = false;
  };
  process.on('SIGHUP', () => {
    wanted = true;
    void turn();
  });
  return {
    follow(reload) {
      follow = reload;
      void turn();
    },
  };
}
