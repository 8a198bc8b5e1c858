import type { RoomAt } from './room-control.ts';

/** Names a room among all rooms of all applications, like `1400000001/n:7`. */
export const roomName = ({ sdkAppId, room }: RoomAt): string => `${sdkAppId}/${room}`;
