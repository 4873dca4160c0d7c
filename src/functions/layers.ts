import { layerArn, type Place } from '../arn.js';
import { FUNCTION_LAYERS_MAX } from '../limits.js';
import type { CodeStore, KeptCode } from './code-store.js';
import type { FunctionRecords } from './records.js';
import { FunctionRefusal, invalidParameter } from './refusal.js';

/** A layer's version as functions refer to it: its code stays for as long as one does. */
export interface FunctionLayer {
  /** With the version's number. */
  readonly arn: string;
  readonly codeSha256: string;
  readonly codeSize: number;
}

export interface LayerVersion extends FunctionLayer {
  readonly layerArn: string;
  readonly name: string;
  readonly version: number;
  readonly description: string;
  readonly licenseInfo: string | null;
  readonly runtimes: readonly string[];
  readonly architectures: readonly string[];
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

export interface PublishLayer {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly description?: string | undefined;
  readonly licenseInfo?: string | undefined;
  readonly runtimes?: readonly string[] | undefined;
  readonly architectures?: readonly string[] | undefined;
}

interface Layer {
  lastVersion: number;
  readonly versions: Map<number, LayerVersion>;
}

/** Code that several functions share: numbered versions of zips. All methods throw FunctionRefusal. */
export class Layers {
  readonly #layers = new Map<string, Layer>();

  constructor(
    private readonly records: FunctionRecords,
    private readonly code: CodeStore,
  ) {}

  /** Takes what is kept of layers among functions' rows. */
  read(rows: Awaited<ReturnType<FunctionRecords['list']>>): void {
    for (const { key, text } of rows) {
      if (!isLayerKey(key)) continue;
      const value: unknown = JSON.parse(text);
      if (key.endsWith('#'))
        this.#layerOf(key.slice(0, -1)).lastVersion = (value as { last: number }).last; // our own text
      else {
        const version = value as LayerVersion; // the same
        this.#layerOf(version.layerArn).versions.set(version.version, version);
      }
    }
  }

  async publish(place: Place, request: PublishLayer): Promise<LayerVersion> {
    const whole = arnOf(place, request.name);
    const kept = await this.code.keep({ type: 'zip', bytes: request.bytes });
    const layer = this.#layerOf(whole);
    layer.lastVersion += 1; // at once: another publish may be on its way
    const version = layer.lastVersion;
    const published: LayerVersion = {
      ...{ arn: `${whole}:${version}`, layerArn: whole, name: whole.split(':').at(-1) ?? '', version },
      ...{ codeSha256: kept.codeSha256, codeSize: kept.codeSize, createdAt: Date.now() },
      ...{ description: request.description ?? '', licenseInfo: request.licenseInfo ?? null },
      ...{ runtimes: request.runtimes ?? [], architectures: request.architectures ?? [] },
    };
    await this.records.write([
      { key: published.arn, text: JSON.stringify(published) },
      { key: `${whole}#`, text: JSON.stringify({ last: version }) },
    ]);
    layer.versions.set(version, published);
    return published;
  }

  get(place: Place, name: string, version: number): LayerVersion {
    const whole = arnOf(place, name);
    const found = this.#layers.get(whole)?.versions.get(version);
    if (found !== undefined) return found;
    throw new FunctionRefusal('ResourceNotFoundException', `Layer version ${whole}:${version} does not exist.`, 404);
  }

  /** The newest first. */
  versions(place: Place, name: string): readonly LayerVersion[] {
    const versions = this.#layers.get(arnOf(place, name))?.versions.values() ?? [];
    return [...versions].sort((left, right) => right.version - left.version);
  }

  /** The newest version of each layer, by name. */
  list(place: Place): readonly LayerVersion[] {
    const prefix = arnOf(place, '');
    return [...this.#layers.keys()]
      .filter((arn) => arn.startsWith(prefix))
      .flatMap((arn) => this.versions(place, arn).slice(0, 1))
      .sort((left, right) => (left.name < right.name ? -1 : 1));
  }

  /** Functions that have it keep it. Nothing happens when there is none. */
  async remove(place: Place, name: string, version: number): Promise<void> {
    const whole = arnOf(place, name);
    const layer = this.#layers.get(whole);
    if (!layer?.versions.has(version)) return;
    await this.records.write([{ key: `${whole}:${version}`, text: null }]);
    layer.versions.delete(version);
  }

  /** What functions are to keep of the layers with these ARNs. */
  resolve(arns: readonly string[]): readonly FunctionLayer[] {
    if (arns.length > FUNCTION_LAYERS_MAX) {
      throw invalidParameter(`Cannot reference more than ${FUNCTION_LAYERS_MAX} layers.`);
    }
    const layers = arns.map((text) => {
      const found = this.#layers.get(text.replace(/:\d+$/, ''))?.versions.get(Number(text.split(':').at(-1)));
      if (found === undefined) {
        throw invalidParameter(
          `Layer version ${text} does not exist. Expected the ARN of a layer's version that was published here, with its number.`,
        );
      }
      const { arn, codeSha256, codeSize } = found;
      return { arn, codeSha256, codeSize };
    });
    const names = layers.map(({ arn }) => arn.replace(/:\d+$/, ''));
    if (new Set(names).size < names.length) {
      throw invalidParameter(
        'Two different versions of the same layer are not allowed to be referenced in the same function.',
      );
    }
    return layers;
  }

  /** Whose code is needed. */
  everything(): readonly KeptCode[] {
    return [...this.#layers.values()].flatMap(({ versions }) =>
      [...versions.values()].map(({ codeSha256, codeSize }) => ({ codeSha256, codeSize, folder: null })),
    );
  }

  #layerOf(arn: string): Layer {
    let layer = this.#layers.get(arn);
    if (layer === undefined) {
      layer = { lastVersion: 0, versions: new Map() };
      this.#layers.set(arn, layer);
    }
    return layer;
  }
}

export const isLayerKey = (key: string): boolean => key.split(':')[5] === 'layer';

/** By name or by ARN. */
function arnOf(place: Place, name: string): string {
  if (/^arn:[^:]+:lambda:[^:]+:\d{12}:layer:[a-zA-Z0-9-_]+$/.test(name)) return name;
  if (/^[a-zA-Z0-9-_]{0,140}$/.test(name)) return layerArn(place, name);
  throw invalidParameter(
    `1 validation error detected: Value '${name.slice(0, 200)}' at 'layerName' failed to satisfy constraint: Member must satisfy regular expression pattern: (arn:[a-zA-Z0-9-]+:lambda:[a-zA-Z0-9-]+:\\d{12}:layer:[a-zA-Z0-9-_]+)|[a-zA-Z0-9-_]+`,
  );
}
