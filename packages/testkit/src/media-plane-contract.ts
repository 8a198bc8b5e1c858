import type { MediaEvents, MediaPlace, MediaPlane } from '@roomkey/server/ports';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type SentStream, sentParameters } from './rtp-peer.ts';

/** One media plane, running, and what has to be done to it from outside. */
export interface PlaneUnderTest {
  readonly plane: MediaPlane;
  /** Loses a place, as when its worker dies; resolves once it is lost and another one can be had. */
  losePlace(place: MediaPlace): void | Promise<void>;
  close(): void | Promise<void>;
}

const microphone: SentStream = { mid: '0', kind: 'audio', ssrc: 1111, payloadType: 111 };
const camera: SentStream = { mid: '1', kind: 'video', ssrc: 2222, payloadType: 96 };
const unavailable = { code: 'mediaUnavailable' };

/** What every media plane must do, whether packets flow in it or not; run it for each kind of plane. */
export function mediaPlaneContract(name: string, open: () => Promise<PlaneUnderTest>): void {
  describe(`the media plane ${name}`, () => {
    let under: PlaneUnderTest;
    let plane: MediaPlane;
    let lost: string[];
    beforeEach(async () => {
      under = await open();
      plane = under.plane;
      lost = [];
      plane.listen(listener({ placeLost: ({ placeId }) => lost.push(placeId) }));
    });
    afterEach(() => under.close());

    const openTrack = (trackId: string, transportId: string, stream = microphone) =>
      plane.openTrack({
        trackId,
        transportId,
        kind: stream.kind,
        slot: stream.kind === 'audio' ? 'microphone' : 'camera',
        rtpParameters: sentParameters(stream),
      });
    const openConsumer = (consumerId: string, transportId: string, trackId: string) =>
      plane.openConsumer({ consumerId, transportId, trackId, rtpCapabilities: plane.rtpCapabilities });
    /** A room with a track on `send` and a consumer of it on `recv`. */
    const roomWithConsumer = async (room: string, place = plane.place(room)) => {
      await plane.openTransport({
        kind: 'webrtc',
        place,
        room,
        transportId: `${room}-send`,
        direction: 'send',
      });
      await plane.openTransport({
        kind: 'webrtc',
        place,
        room,
        transportId: `${room}-recv`,
        direction: 'recv',
      });
      await openTrack(`${room}-track`, `${room}-send`);
      await openConsumer(`${room}-consumer`, `${room}-recv`, `${room}-track`);
      return place;
    };

    test('offers a transport under the id and direction asked for', async () => {
      const offer = await plane.openTransport({
        kind: 'webrtc',
        place: plane.place('r'),
        room: 'r',
        transportId: 't',
        direction: 'send',
      });
      expect(offer).toMatchObject({ transportId: 't', direction: 'send' });
      expect(offer.iceParameters.usernameFragment).not.toBe('');
      expect(offer.dtlsParameters.fingerprints.map(({ algorithm }) => algorithm)).toContain('sha-256');
    });

    test('a room keeps to one place while something of it is open', async () => {
      const place = await roomWithConsumer('r');
      await roomWithConsumer('other');
      expect(plane.place('r')).toEqual(place);
    });

    test('offers a consumer under the ids asked for, with the kind of the track', async () => {
      const place = plane.place('r');
      await plane.openTransport({ kind: 'webrtc', place, room: 'r', transportId: 'send', direction: 'send' });
      await plane.openTransport({ kind: 'webrtc', place, room: 'r', transportId: 'recv', direction: 'recv' });
      await openTrack('track', 'send', microphone);
      const offer = await openConsumer('consumer', 'recv', 'track');
      expect(offer).toMatchObject({
        consumerId: 'consumer',
        transportId: 'recv',
        trackId: 'track',
        kind: 'audio',
      });
      expect(offer.rtpParameters.codecs[0]?.mimeType).toBe('audio/opus');
    });

    test('gives new ICE credentials on a restart', async () => {
      const { iceParameters } = await plane.openTransport({
        kind: 'webrtc',
        place: plane.place('r'),
        room: 'r',
        transportId: 't',
        direction: 'send',
      });
      const again = await plane.restartIce('t');
      expect(again.usernameFragment).not.toBe(iceParameters.usernameFragment);
    });

    test('everything that is asked of unknown ids is unavailable', async () => {
      await roomWithConsumer('r');
      const dtls = { fingerprints: [{ algorithm: 'sha-256' as const, value: 'AB' }] };
      for (const asked of [
        () => plane.connectTransport('unknown', dtls),
        () => plane.restartIce('unknown'),
        () => openTrack('new', 'unknown'),
        () => plane.setTrackPaused('unknown', false),
        () => openConsumer('new', 'unknown', 'r-track'),
        () => openConsumer('new', 'r-recv', 'unknown'),
        () => plane.resumeConsumer('unknown'),
        () => plane.setSpatialLayer('unknown', 0),
      ]) {
        await expect(asked()).rejects.toMatchObject(unavailable);
      }
    });

    test('closings accept unknown ids, and the same id twice', async () => {
      await roomWithConsumer('r');
      for (const _ of [1, 2]) {
        plane.closeConsumer('r-consumer');
        plane.closeTrack('r-track');
        plane.closeTransport('r-send');
        plane.closeRoom('r');
        plane.closeConsumer('unknown');
        plane.closeTrack('unknown');
        plane.closeTransport('unknown');
        plane.closeRoom('unknown');
      }
    });

    test('a closed consumer is gone at once, and its track stays', async () => {
      await roomWithConsumer('r');
      plane.closeConsumer('r-consumer');
      await expect(plane.resumeConsumer('r-consumer')).rejects.toMatchObject(unavailable);
      await plane.setTrackPaused('r-track', false);
    });

    test('a closed track takes its consumers with it', async () => {
      await roomWithConsumer('r');
      plane.closeTrack('r-track');
      await expect(plane.setTrackPaused('r-track', false)).rejects.toMatchObject(unavailable);
      await expect(plane.resumeConsumer('r-consumer')).rejects.toMatchObject(unavailable);
    });

    test('a closed transport takes its tracks and consumers with it', async () => {
      await roomWithConsumer('r');
      plane.closeTransport('r-recv');
      await expect(plane.resumeConsumer('r-consumer')).rejects.toMatchObject(unavailable);
      await plane.setTrackPaused('r-track', false);
      plane.closeTransport('r-send');
      await expect(plane.setTrackPaused('r-track', false)).rejects.toMatchObject(unavailable);
    });

    test('a closed room takes everything of it along, and nothing of another room', async () => {
      await roomWithConsumer('r');
      await roomWithConsumer('other');
      plane.closeRoom('r');
      await expect(plane.restartIce('r-send')).rejects.toMatchObject(unavailable);
      await expect(plane.setTrackPaused('r-track', false)).rejects.toMatchObject(unavailable);
      await expect(plane.resumeConsumer('r-consumer')).rejects.toMatchObject(unavailable);
      await plane.resumeConsumer('other-consumer');
    });

    test('a closed id can be opened again', async () => {
      const place = await roomWithConsumer('r');
      plane.closeTrack('r-track');
      await openTrack('r-track', 'r-send', { ...microphone, mid: '7', ssrc: 7777 });
      plane.closeRoom('r');
      await plane.openTransport({
        kind: 'webrtc',
        place,
        room: 'r',
        transportId: 'r-send',
        direction: 'send',
      });
      await openTrack('r-track', 'r-send', camera);
    });

    test('a lost place is told once, and takes everything on it along', async () => {
      const place = await roomWithConsumer('r');
      await under.losePlace(place);
      expect(lost).toEqual([place.placeId]);
      await expect(plane.restartIce('r-send')).rejects.toMatchObject(unavailable);
      await expect(plane.setTrackPaused('r-track', false)).rejects.toMatchObject(unavailable);
      await expect(plane.resumeConsumer('r-consumer')).rejects.toMatchObject(unavailable);
      await expect(
        plane.openTransport({ kind: 'webrtc', place, room: 'r', transportId: 'late', direction: 'send' }),
      ).rejects.toMatchObject(unavailable);
    });

    test('after a loss the same track comes back on another place', async () => {
      const place = await roomWithConsumer('r');
      await under.losePlace(place);
      const next = plane.place('r');
      expect(next).not.toEqual(place);
      await roomWithConsumer('r', next);
      await plane.resumeConsumer('r-consumer');
    });
  });
}

const listener = (some: Partial<MediaEvents>): MediaEvents => ({
  placeLost: () => {},
  available: () => {},
  bitrateExceeded: () => {},
  keyFramesExceeded: () => {},
  pictureWaits: () => {},
  pictureFrozen: () => {},
  transportLost: () => {},
  ...some,
});
