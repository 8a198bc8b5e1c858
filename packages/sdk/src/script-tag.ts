/** The build for a script tag: sets the global `TRTC`. */
import { setScriptUrl } from './script-origin.ts';
import { TRTC } from './trtc.ts';

const script = globalThis.document?.currentScript;
setScriptUrl(script && 'src' in script ? String(script.src) : undefined);
Object.assign(globalThis, { TRTC });
