/** Packets of one receiver in which header extensions are looked for; later ones are only counted. */
const inspected = 100;

/** Counts the RTP packets of the receivers of one process, and sees which header extensions they really have. */
export class Tally {
  #packets = 0;
  readonly #extensions = new Set<string>();
  readonly #unknown = new Set<number>();

  get packets(): number {
    return this.#packets;
  }

  /** The header extensions that were agreed on and seen in packets. */
  get extensions(): string[] {
    return [...this.#extensions].sort();
  }

  /** The ids of header extensions seen in packets that nobody agreed on; receivers pass over them. */
  get unknownExtensions(): number[] {
    return [...this.#unknown].sort((a, b) => a - b);
  }

  /** Listens for one receiver: what counts are packets of `ssrcs`, or all of them; `uris` names its header extensions by id. */
  receiver(uris: ReadonlyMap<number, string>, ssrcs?: ReadonlySet<number>): (packet: Buffer) => void {
    let left = inspected;
    return (packet) => {
      const type = packet[1] ?? 0;
      // RTCP comes the same way (RFC 5761).
      if (packet.length < 12 || (type >= 192 && type <= 223)) return;
      if (ssrcs && !ssrcs.has(packet.readUInt32BE(8))) return;
      this.#packets++;
      if (left-- <= 0) return;
      for (const id of extensionIds(packet)) {
        const uri = uris.get(id);
        if (uri) this.#extensions.add(uri);
        else this.#unknown.add(id);
      }
    };
  }
}

/** The ids of the header extensions of an RTP packet, in the one-byte or the two-byte form (RFC 8285). */
function extensionIds(packet: Buffer): number[] {
  if (((packet[0] ?? 0) & 0x10) === 0) return [];
  const start = 12 + 4 * ((packet[0] ?? 0) & 0x0f);
  const isShort = packet.readUInt16BE(start) === 0xbede;
  const end = start + 4 + 4 * packet.readUInt16BE(start + 2);
  const ids: number[] = [];
  for (let at = start + 4; at < end; ) {
    const byte = packet[at] ?? 0;
    const id = isShort ? byte >> 4 : byte;
    if (byte === 0) {
      at++;
      continue;
    }
    ids.push(id);
    at += isShort ? 2 + (byte & 0x0f) : 2 + (packet[at + 1] ?? 0);
  }
  return ids;
}
