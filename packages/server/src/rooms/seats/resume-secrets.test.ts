import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Renewal, ResumeSecrets } from './resume-secrets.ts';

const next = (renewal: Renewal): string => {
  if (renewal.shown !== 'good') throw new Error(`the secret was ${renewal.shown}`);
  return renewal.next;
};

describe('the secrets of a seat', () => {
  test('hold 256 bits, and no two are the same', () => {
    const secrets = new ResumeSecrets('seat');
    const first = secrets.first();
    const second = next(secrets.renew(first));
    const [epoch, random = ''] = second.split('.');
    expect(Buffer.from(random, 'base64url')).toHaveLength(32);
    expect(second).not.toBe(first);
    expect(epoch).toBe('2');
  });

  test('are good for their own seat only', () => {
    const [one, other] = [new ResumeSecrets('one'), new ResumeSecrets('other')];
    other.first();
    expect(other.renew(one.first())).toEqual({ shown: 'unknown' });
  });

  test('are good for their own epoch only', () => {
    const secrets = new ResumeSecrets('seat', () => 'same');
    secrets.first();
    expect(secrets.renew('2.same')).toEqual({ shown: 'unknown' });
    expect(secrets.renew('1.same')).toMatchObject({ shown: 'good' });
  });

  test('are kept as hashes alone', () => {
    const secrets = new ResumeSecrets('seat', () => 'the-random-text');
    next(secrets.renew(secrets.first()));
    expect(JSON.stringify(secrets)).not.toContain('the-random-text');
  });

  test('when the answer of a resume was lost, the one before works again, and the one that was lost is dead', () => {
    const secrets = new ResumeSecrets('seat');
    const first = secrets.first();
    const lost = next(secrets.renew(first));
    const second = next(secrets.renew(first));
    expect(secrets.renew(lost)).toEqual({ shown: 'ended' });
    expect(secrets.confirm(second)).toBe('good');
  });

  test.each([
    ['resumes', (secrets: ResumeSecrets, newest: string) => secrets.renew(newest).shown],
    ['confirms', (secrets: ResumeSecrets, newest: string) => secrets.confirm(newest)],
  ])('the one before ends when the client %s with the newest', (_, show) => {
    const secrets = new ResumeSecrets('seat');
    const first = secrets.first();
    const second = next(secrets.renew(first));
    expect(show(secrets, second)).toBe('good');
    expect(secrets.renew(first)).toEqual({ shown: 'ended' });
  });

  test('the one before cannot be confirmed', () => {
    const secrets = new ResumeSecrets('seat');
    const first = secrets.first();
    next(secrets.renew(first));
    expect(secrets.confirm(first)).toBe('unknown');
    expect(secrets.renew(first)).toMatchObject({ shown: 'good' });
  });

  test('of a seat that is gone none is good, and all are known as ended', () => {
    const secrets = new ResumeSecrets('seat');
    const first = secrets.first();
    const second = next(secrets.renew(first));
    secrets.end();
    expect([secrets.renew(first), secrets.renew(second)]).toEqual([{ shown: 'ended' }, { shown: 'ended' }]);
    expect([secrets.hasEnded(first), secrets.hasEnded('1.other')]).toEqual([true, false]);
  });

  test('only so many ended ones are remembered: an older one is as good as never issued', () => {
    const secrets = new ResumeSecrets('seat');
    const first = secrets.first();
    let newest = first;
    for (let times = 0; times < 65; times++) newest = next(secrets.renew(newest));
    expect(secrets.renew(first)).toEqual({ shown: 'ended' });
    newest = next(secrets.renew(newest));
    expect(secrets.renew(first)).toEqual({ shown: 'unknown' });
    expect(secrets.renew(newest)).toMatchObject({ shown: 'good' });
  });
});

test('a client that shows the newest it got always gets on, whichever answers and confirmations are lost', () => {
  const step = fc.record({ answered: fc.boolean(), confirmed: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const secrets = new ResumeSecrets('seat');
      let held = secrets.first();
      for (const { answered, confirmed } of steps) {
        const issued = next(secrets.renew(held));
        if (!answered) continue;
        held = issued;
        if (confirmed) expect(secrets.confirm(held)).toBe('good');
      }
    }),
  );
});

test('of two that hold one secret, both of which go on with what they get, one soon shows an ended one', () => {
  const turns = fc.array(fc.record({ who: fc.constantFrom(0, 1), confirms: fc.boolean() }), {
    maxLength: 30,
  });
  fc.assert(
    fc.property(turns, (steps) => {
      const secrets = new ResumeSecrets('seat');
      const stolen = secrets.first();
      const held = [stolen, stolen];
      const acted = [0, 0];
      let found = false;
      for (const { who, confirms } of steps) {
        const renewed = secrets.renew(held[who] ?? '');
        acted[who] = (acted[who] ?? 0) + 1;
        if (renewed.shown !== 'good') {
          expect(renewed.shown).toBe('ended');
          found = true;
          break;
        }
        held[who] = renewed.next;
        if (confirms) expect(secrets.confirm(renewed.next)).toBe('good');
      }
      // Two resumes of each: the second of one of them comes after something of the other.
      expect(found || Math.min(...acted) < 2).toBe(true);
    }),
  );
});

test('a text that was never issued ends nothing', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { maxLength: 20 }), (guesses) => {
      const secrets = new ResumeSecrets('seat');
      const first = secrets.first();
      for (const guess of guesses) {
        expect(secrets.renew(guess)).toEqual({ shown: 'unknown' });
        expect(secrets.confirm(guess)).toBe('unknown');
      }
      expect(secrets.renew(first)).toMatchObject({ shown: 'good' });
    }),
  );
});
