import type { types } from 'mediasoup';
import type { Forwarding } from './forwarding.ts';
import { KeyFrameGuard } from './key-frame-guard.ts';
import type { KeyFrameWaits } from './key-frame-waits.ts';

/**
 * Lets a receiver who asks for key frames too often wait, and tells, once, when it asks for more than anybody needs. The engine tells of
 * each request: so it costs what is asked for, and nothing where nobody asks.
 */
export function limitKeyFrames(
  consumer: types.Consumer,
  forwarding: Forwarding,
  waits: KeyFrameWaits,
  exceeded: () => void,
): void {
  const guard = new KeyFrameGuard();
  let waitNoMore: (() => void) | undefined;
  const heard = ({ timestamp }: types.ConsumerTraceEventData) => {
    // By the engine's clock: requests that waited for this process did not come all at once.
    const verdict = guard.asked(timestamp);
    if (verdict === 'exceeded') {
      consumer.off('trace', heard);
      exceeded();
    } else if (verdict === 'wait' && !waitNoMore) {
      // It gets nothing that it could decode until the next key frame; paused, it asks the sender for none.
      forwarding.hold();
      waitNoMore = waits.wait(() => {
        waitNoMore = undefined;
        forwarding.release();
      });
    }
  };
  consumer.on('trace', heard);
  consumer.observer.once('close', () => waitNoMore?.());
  // Nobody waits for it. When it fails, so does what is asked next, and that is heard.
  consumer.enableTraceEvent(['pli', 'fir']).catch(() => {});
}
