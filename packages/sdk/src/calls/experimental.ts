import { checkObject, checkText, refuse } from './parameter-check.ts';

/**
 * What a `callExperimentalAPI` asks for, in either of its forms.
 *
 * @throws {RtcError} one of the causes `parameter…`
 */
export function experimentalCall(name: unknown, options: unknown): { readonly privateMapKey: string } {
  checkText(name, 'The name');
  const { api, params } = readCall(name as string, options);
  if (api !== 'updatePrivateMapKey') {
    refuse('parameterRange', 'There is no such experimental API; "updatePrivateMapKey" is the only one.');
  }
  checkObject(params, 'The parameter of updatePrivateMapKey');
  const privateMapKey: unknown = Reflect.get(params as object, 'privateMapKey');
  checkText(privateMapKey, 'privateMapKey');
  return { privateMapKey: privateMapKey as string };
}

function readCall(name: string, options: unknown): { readonly api: unknown; readonly params: unknown } {
  if (!name.trimStart().startsWith('{')) return { api: name, params: options };
  try {
    const { api, params } = JSON.parse(name) as { readonly api?: unknown; readonly params?: unknown };
    return { api, params };
  } catch {
    return refuse('parameterType', 'The JSON text must be {"api":"updatePrivateMapKey","params":{…}}.');
  }
}
