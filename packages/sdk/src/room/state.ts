import type { ConnectionState } from '../events/events.ts';

/**
 * Where this user is. `lost` lasts one step: the connection is gone and the next attempt is not begun;
 * `reentering` covers the waiting between attempts too.
 */
export type RoomState =
  | { readonly at: 'out' }
  | { readonly at: 'entering' }
  | { readonly at: 'inside' }
  | { readonly at: 'lost' }
  | { readonly at: 'reentering'; readonly attempt: number };

export type RoomHappening =
  | { readonly type: 'enter' }
  | { readonly type: 'accepted' }
  | { readonly type: 'dropped' }
  | { readonly type: 'attempt' }
  | { readonly type: 'left' };

/** The state after something happened; the same object where it changes nothing. */
export function next(state: RoomState, happening: RoomHappening): RoomState {
  switch (happening.type) {
    case 'enter':
      return state.at === 'out' ? { at: 'entering' } : state;
    case 'accepted':
      return state.at === 'entering' || state.at === 'reentering' ? { at: 'inside' } : state;
    case 'dropped':
      return state.at === 'inside' ? { at: 'lost' } : state;
    case 'attempt':
      if (state.at === 'lost') return { at: 'reentering', attempt: 1 };
      return state.at === 'reentering' ? { at: 'reentering', attempt: state.attempt + 1 } : state;
    case 'left':
      return state.at === 'out' ? state : { at: 'out' };
  }
}

/** How the vendor's `connection-state-changed` names a state. */
export function connectionState(state: RoomState): ConnectionState {
  switch (state.at) {
    case 'out':
    case 'lost':
      return 'DISCONNECTED';
    case 'entering':
    case 'reentering':
      return 'CONNECTING';
    case 'inside':
      return 'CONNECTED';
  }
}
