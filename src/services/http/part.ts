/** What an HTTP front door is made of: small documents, each put and removed by itself, joined by the API's id. */
export type FrontPart =
  | ApiPart
  | StagePart
  | RoutePart
  | IntegrationPart
  | AuthorizerPart
  | KeyPart
  | PlanPart
  | PlanKeyPart
  | UrlPart
  | WebhookPart;

interface PartCommon {
  /** Its own ARN-like name; a part that is put again replaces the one of this name. */
  readonly name: string;
  readonly region: string;
}

/** An HTTP API (`AWS::ApiGatewayV2::Api`) or a REST API (`AWS::Serverless::Api`). */
export interface ApiPart extends PartCommon {
  readonly part: 'api';
  readonly protocol: 'HTTP' | 'REST';
  /** As AWS's: ten letters and digits. */
  readonly id: string;
  /** What people call it: it is served under `/_http/<title>/` too. */
  readonly title: string;
  readonly cors: Cors | null;
  /** Of routes that say nothing of it. */
  readonly defaults: { readonly access: Access; readonly needsKey: boolean };
}

export interface StagePart extends PartCommon {
  readonly part: 'stage';
  readonly apiId: string;
  /** `$default` is served without a prefix; others under `/<stage>/`. */
  readonly stage: string;
  readonly variables: Readonly<Record<string, string>>;
}

export interface RoutePart extends PartCommon {
  readonly part: 'route';
  readonly apiId: string;
  /** `ANY` and `*` are any. */
  readonly method: string;
  /** `/orders/{id}`, `/files/{path+}`; `$default` takes what no other route takes. */
  readonly path: string;
  /** What answers: here, or the id of an integration part of the API. */
  readonly integration: Integration | { readonly type: 'part'; readonly id: string };
  /** Null: as the API says. */
  readonly access: Access | null;
  /** A token needs one of them; none: as the authorizer says. */
  readonly scopes: readonly string[];
  readonly needsKey: boolean | null;
}

export interface IntegrationPart extends PartCommon {
  readonly part: 'integration';
  readonly apiId: string;
  readonly id: string;
  readonly integration: Integration;
}

export type Integration =
  | {
      readonly type: 'function';
      /** May have a version or alias. */
      readonly functionArn: string;
      readonly payload: '1.0' | '2.0';
      readonly timeoutMs: number;
    }
  /** An action of one of this server's services, with its input made of the request (`$request.body.id`). */
  | {
      readonly type: 'action';
      /** As in the credential scope. */
      readonly service: string;
      readonly operation: string;
      readonly parameters: Readonly<Record<string, string>>;
      readonly timeoutMs: number;
    }
  /** A REST API's start of an execution with the request's body as its input, as SAM writes it. */
  | { readonly type: 'start'; readonly machineArn: string; readonly timeoutMs: number };

/** Who may call a route. */
export type Access =
  | { readonly type: 'NONE' }
  | { readonly type: 'AWS_IAM' }
  | { readonly type: 'AUTHORIZER'; readonly authorizer: string };

export interface AuthorizerPart extends PartCommon {
  readonly part: 'authorizer';
  readonly apiId: string;
  readonly id: string;
  /** Of routes that ask for none of their own; a token needs one of them. */
  readonly scopes: readonly string[];
  readonly authorizer: JwtAuthorizer | FunctionAuthorizer;
}

export interface JwtAuthorizer {
  readonly type: 'jwt';
  readonly issuer: string;
  readonly audience: readonly string[];
  /** `$request.header.Authorization`, `$request.querystring.token`. */
  readonly identitySource: string;
  /** Where its keys are: null asks the issuer; a URL, or the key set itself as JSON text. */
  readonly keys: string | null;
}

export interface FunctionAuthorizer {
  readonly type: 'function';
  readonly functionArn: string;
  /** `token` and `request` are REST's forms (a policy); `simple` and `policy` those of HTTP APIs (2.0). */
  readonly form: 'token' | 'request' | 'simple' | 'policy';
  /** Expressions that must have a value, else nobody is asked: `$request.header.Authorization`. */
  readonly identitySources: readonly string[];
}

/** An API key of REST APIs. */
export interface KeyPart extends PartCommon {
  readonly part: 'key';
  readonly id: string;
  readonly title: string;
  readonly value: string;
  readonly isEnabled: boolean;
}

/** A usage plan: which stages its keys open. */
export interface PlanPart extends PartCommon {
  readonly part: 'plan';
  readonly id: string;
  readonly stages: readonly { readonly apiId: string; readonly stage: string }[];
}

export interface PlanKeyPart extends PartCommon {
  readonly part: 'planKey';
  readonly planId: string;
  readonly keyId: string;
}

/** A function's own address. */
export interface UrlPart extends PartCommon {
  readonly part: 'url';
  readonly id: string;
  readonly functionName: string;
  /** With its alias, where it has one. */
  readonly functionArn: string;
  readonly qualifier: string | null;
  readonly authType: 'NONE' | 'AWS_IAM';
  readonly cors: Cors | null;
  /** Epoch milliseconds; 0 until it is put. */
  readonly createdAt: number;
  readonly modifiedAt: number;
}

/** Somebody else's service that tells an event: it starts an execution, or completes one that waits. */
export interface WebhookPart extends PartCommon {
  readonly part: 'webhook';
  /** Served under `/_http/<title>`. */
  readonly title: string;
  readonly machineArn: string;
  readonly signature: WebhookSignature | null;
  /** The header that tells one delivery from another; null: its body does. */
  readonly deliveryHeader: string | null;
  readonly effect: WebhookStart | WebhookCompletion;
}

export interface WebhookStart {
  readonly type: 'start';
}

export interface WebhookCompletion {
  readonly type: 'complete';
  /** The state whose token is waited for, … */
  readonly state: string;
  /** … where the business key stands in what the state sent, … */
  readonly waitKey: string;
  /** … and where in the delivery. Both are JSONPaths. */
  readonly bodyKey: string;
}

/** An HMAC with SHA-256 over the delivery. */
export interface WebhookSignature {
  readonly secret: string;
  readonly secretEncoding: 'text' | 'base64';
  readonly header: string;
  readonly encoding: 'hex' | 'base64';
  /** What stands before the signature, such as `sha256=` or `v1,`. */
  readonly prefix: string;
  /** What is signed: `{timestamp}`, `{id}` and `{body}` are put in. */
  readonly signed: string;
  /** Seconds since 1970, in a header of its own or as `t=…` in the signature's. Null: deliveries have no time. */
  readonly timestamp: { readonly header: string; readonly field: string | null } | null;
  readonly toleranceSeconds: number;
}

export interface Cors {
  readonly allowOrigins: readonly string[];
  readonly allowMethods: readonly string[];
  readonly allowHeaders: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly allowCredentials: boolean;
  /** Null: the browser's own. */
  readonly maxAgeSeconds: number | null;
}
