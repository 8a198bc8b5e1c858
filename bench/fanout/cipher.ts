import datachannel from 'node-datachannel';

/** Notes the SRTP ciphers that the connections of this process agree on from now on: libdatachannel tells them only to its log. */
export function watchCiphers(): ReadonlySet<string> {
  const ciphers = new Set<string>();
  datachannel.initLogger('Debug', (_level, message) => {
    const [, name] = /SRTP profile is: SRTP_(\w+)/.exec(message) ?? [];
    if (name) ciphers.add(name);
  });
  return ciphers;
}
