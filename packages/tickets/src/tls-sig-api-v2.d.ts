declare module 'tls-sig-api-v2' {
  /** The vendor's ticket library for Node.js, as far as the tests use it. */
  export class Api {
    constructor(sdkAppId: number, secretKey: string);
    genUserSig(userId: string, expire: number): string;
    genPrivateMapKey(userId: string, expire: number, roomId: number, privilegeMap: number): string;
    genPrivateMapKeyWithStringRoomID(
      userId: string,
      expire: number,
      strRoomId: string,
      privilegeMap: number,
    ): string;
  }
}
