import type { NoticeParams } from '@roomkey/protocol';
import type { Slot } from '@roomkey/tickets/permissions';
import type { Member } from './member.ts';
import type { Outflow } from './sent-packets.ts';

/** Somebody receives a track. */
export interface Reception {
  readonly member: Member;
  readonly outflow: Outflow;
}

interface Awaited {
  readonly opened: Reception[];
  readonly count: number;
  readonly resolve: (opened: Reception[]) => void;
}

/** Makes consumers ready as they are announced, and tells when as many receive a track as should. */
export class Receptions {
  readonly #awaited = new Map<string, Awaited>();

  /** Resolves when so many more have begun to receive a slot of a user. */
  of(userId: string, slot: Slot, count: number): Promise<Reception[]> {
    return new Promise((resolve) => this.#awaited.set(`${userId}/${slot}`, { opened: [], count, resolve }));
  }

  async opened(
    member: Member,
    { consumerId, userId, slot, rtpParameters }: NoticeParams<'consumerOpened'>,
  ): Promise<void> {
    await member.wire.request('consumerReady', { consumerId });
    const awaited = this.#awaited.get(`${userId}/${slot}`);
    const outflow = { port: member.receivingPort, ssrcs: ssrcsOf(rtpParameters.encodings) };
    if (awaited?.opened.push({ member, outflow }) === awaited?.count) awaited?.resolve(awaited.opened);
  }
}

/** The SSRCs in the encodings of a consumer. */
export const ssrcsOf = (
  encodings: readonly {
    readonly ssrc?: number | undefined;
    readonly rtx?: { readonly ssrc: number } | undefined;
  }[] = [],
): number[] => encodings.flatMap(({ ssrc, rtx }) => [ssrc, rtx?.ssrc].filter((one) => one !== undefined));
