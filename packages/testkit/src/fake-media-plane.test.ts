import { FakeMediaPlane } from './fake-media-plane.ts';
import { mediaPlaneContract } from './media-plane-contract.ts';

mediaPlaneContract('without media', async () => {
  const plane = new FakeMediaPlane();
  return { plane, losePlace: () => plane.losePlace(), close: () => {} };
});
