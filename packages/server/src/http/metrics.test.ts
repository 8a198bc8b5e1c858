import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { EventLoopDelay } from './event-loop-delay.ts';
import { metricsTable, metricTable } from './metric-table.ts';
import { createMetrics } from './metrics.ts';

const worker = { worker: 0, cpuSeconds: 1.5, residentBytes: 1000, transports: 4, consumers: 3 };

const at = { sdkAppId: 1, room: 'n:7', lifeId: 'l', number: 1, at: 5, userId: 'ana', memberId: 'm' };
const entered = { ...at, kind: 'memberEntered', scene: 'rtc', role: 'anchor', permissions: 255 } as const;

function metricsUnderTest() {
  const metrics = createMetrics();
  onTestFinished(() => metrics.stop());
  const sources = {
    rooms: { rooms: 2, members: 5, tracks: 4 },
    media: {
      workers: [worker],
      restarts: 0,
      packetsReceived: 100,
      packetsForwarded: 300,
      mended: { reset: 2, renewed: 1 },
    },
    connections: 6,
    journal: { kept: 9, waiting: 2, failures: 1, lost: 0, bytes: 512 },
  };
  metrics.watch({
    rooms: () => sources.rooms,
    media: async () => sources.media,
    connections: () => sources.connections,
    journal: () => sources.journal,
  });
  /** The samples of a scrape by their name and labels. */
  const scrape = async (): Promise<Record<string, number>> => {
    const lines = (await metrics.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return Object.fromEntries(
      lines.map((line) => {
        const end = line.lastIndexOf(' ');
        return [line.slice(0, end), Number(line.slice(end + 1))];
      }),
    );
  };
  return { metrics, sources, scrape };
}

describe('a scrape', () => {
  test('shows what rooms, workers and the edge hold at this moment', async () => {
    const { scrape, sources } = metricsUnderTest();
    expect(await scrape()).toMatchObject({
      roomkey_members: 5,
      roomkey_rooms: 2,
      roomkey_tracks: 4,
      roomkey_connections: 6,
      roomkey_journal_records_total: 9,
      roomkey_journal_waiting: 2,
      roomkey_journal_failures_total: 1,
      roomkey_journal_lost_total: 0,
      roomkey_workers: 1,
      'roomkey_worker_cpu_seconds_total{worker="0"}': 1.5,
      'roomkey_consumers{worker="0"}': 3,
      roomkey_rtp_packets_received_total: 100,
      roomkey_rtp_packets_forwarded_total: 300,
    });
    sources.rooms = { rooms: 0, members: 0, tracks: 0 };
    sources.media = {
      workers: [],
      restarts: 1,
      packetsReceived: 150,
      packetsForwarded: 310,
      mended: { reset: 3, renewed: 1 },
    };
    const later = await scrape();
    expect(later).toMatchObject({
      roomkey_members: 0,
      roomkey_workers: 0,
      roomkey_worker_restarts_total: 1,
      roomkey_rtp_packets_received_total: 150,
    });
    expect(later).not.toHaveProperty('roomkey_consumers{worker="0"}');
  });

  test('counts entries, departures and refusals by cause, those only observed apart', async () => {
    const { metrics, scrape } = metricsUnderTest();
    const { heard } = metrics;
    const cause = 'privateMapKeyExpired';
    heard(entered);
    heard({ ...at, kind: 'memberLeft', reason: 'exit', removal: undefined });
    heard({ kind: 'refused', sdkAppId: 1, at: 5, cause, observed: false });
    heard({ ...at, kind: 'refused', cause, observed: true });
    heard({ ...at, kind: 'refused', cause, observed: true });
    heard({ ...at, kind: 'lacking', permissions: ['sendAudio', 'recvSub'] });
    expect(await scrape()).toMatchObject({
      roomkey_entries_total: 1,
      'roomkey_departures_total{reason="exit"}': 1,
      'roomkey_refusals_total{cause="privateMapKeyExpired",observed="false"}': 1,
      'roomkey_refusals_total{cause="privateMapKeyExpired",observed="true"}': 2,
      'roomkey_observed_lacking_total{permission="sendAudio"}': 1,
      'roomkey_observed_lacking_total{permission="recvSub"}': 1,
    });
  });

  test('counts requests by method and errors by name', async () => {
    const { metrics, scrape } = metricsUnderTest();
    const { signaling } = metrics;
    signaling.connected();
    signaling.answered('enter', 0.02);
    signaling.answered('enter', 0.0004, 'userSigExpired');
    signaling.turnedAway('full');
    signaling.disconnected('gone');
    expect(await scrape()).toMatchObject({
      'roomkey_request_seconds_count{method="enter"}': 2,
      'roomkey_request_seconds_bucket{le="0.001",method="enter"}': 1,
      'roomkey_request_errors_total{method="enter",error="userSigExpired"}': 1,
      roomkey_connections_opened_total: 1,
      'roomkey_connections_closed_total{cause="gone"}': 1,
      'roomkey_connections_turned_away_total{cause="full"}': 1,
    });
  });

  test('measures changes of permissions by way; a request that was refused changed nothing', async () => {
    const { metrics, scrape } = metricsUnderTest();
    const { signaling, changeTimer } = metrics;
    signaling.answered('updatePrivateMapKey', 0.004);
    signaling.answered('updatePrivateMapKey', 0.004, 'privateMapKeyExpired');
    signaling.answered('publish', 0.004);
    changeTimer('revocation');
    changeTimer('operator')();
    const counts = Object.entries(await scrape()).filter(([name]) => name.includes('change_seconds_count'));
    expect(Object.fromEntries(counts)).toEqual({
      'roomkey_permission_change_seconds_count{way="updatePrivateMapKey"}': 1,
      'roomkey_permission_change_seconds_count{way="operator"}': 1,
    });
    expect(await scrape()).toMatchObject({
      'roomkey_permission_change_seconds_bucket{le="0.003",way="updatePrivateMapKey"}': 0,
      'roomkey_permission_change_seconds_bucket{le="0.005",way="updatePrivateMapKey"}': 1,
    });
  });

  test('tells what the process itself uses', async () => {
    const samples = await metricsUnderTest().scrape();
    expect(samples['roomkey_process_resident_memory_bytes']).toBeGreaterThan(10_000_000);
    expect(samples['roomkey_process_cpu_seconds_total{mode="user"}']).toBeGreaterThan(0);
    expect(samples['roomkey_process_start_time_seconds']).toBeGreaterThan(1_700_000_000);
  });

  test('tells how long the event loop was blocked', async () => {
    const { scrape } = metricsUnderTest();
    // The monitor measures from its second look on.
    for (let look = 0; look < 4; look++) {
      const until = performance.now() + 70;
      while (performance.now() < until);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const longest = (await scrape())['roomkey_event_loop_delay_seconds{quantile="1"}'];
    expect(longest).toBeGreaterThanOrEqual(0.045);
  });

  test('does not call an idle event loop late', () => {
    const delay = new EventLoopDelay();
    onTestFinished(() => delay.stop());
    expect(delay.take().map(({ seconds }) => seconds)).toEqual([0, 0, 0, 0]);
  });

  test('two servers in one process do not share figures', async () => {
    const [first, second] = [metricsUnderTest(), metricsUnderTest()];
    first.metrics.heard(entered);
    expect((await second.scrape())['roomkey_entries_total']).toBe(0);
  });
});

describe('the documentation', () => {
  test('names every metric that is exported, and no other', async () => {
    const { metrics } = metricsUnderTest();
    const exported = (await metrics.registry.getMetricsAsJSON()).map(({ name, type, help }) => [
      name,
      type,
      help,
    ]);
    const documented = Object.values(metricTable).map(({ name, type, about }) => [name, type, about]);
    expect(exported.toSorted()).toEqual(documented.toSorted());
  });

  // After a change: npx vitest run --project unit packages/server/src/http/metrics.test.ts -u
  test('has the table that the program prints', async () => {
    const page = new URL('../../../../docs/metrics.md', import.meta.url);
    const text = readFileSync(page, 'utf8').replace(/^\| metric \|(.*\n)+?(?=\n)/m, `${metricsTable()}\n`);
    expect(text).toContain(metricsTable());
    await expect(text).toMatchFileSnapshot(fileURLToPath(page));
  });
});
