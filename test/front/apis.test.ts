import { ListExecutionsCommand, StartSyncExecutionCommand } from '@aws-sdk/client-sfn';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signed } from '../../src/services/aws-signature.js';
import { FrontBed } from './front-bed.js';

/** APIs and functions' addresses, as templates write them and any HTTP client calls them. */

const bed = new FrontBed();
const ISSUER = 'https://issuer.example';
let token: (claims: Record<string, unknown>, audience?: string) => Promise<string>;

const CODE = `
export const handler = async (event) => {
  const path = event.rawPath ?? event.path;
  if (path.endsWith('/bare')) return { hello: 'there' };
  if (path.endsWith('/text')) return 'plain words';
  if (path.endsWith('/slow')) await new Promise((resolve) => setTimeout(resolve, 400));
  if (path.endsWith('/fault')) throw new Error('no');
  if (path.endsWith('/broken')) return { statusCode: 'never' };
  if (path.endsWith('/full')) return { statusCode: 201, headers: { 'X-A': 'b', 'Content-Type': 'text/html' }, cookies: ['a=1', 'b=2'], body: Buffer.from('<p>').toString('base64'), isBase64Encoded: true };
  return { statusCode: 200, body: JSON.stringify(event) };
};
export const asked = async (event) => ({ isAuthorized: event.headers.pass === 'open', context: { who: 'Ann' } });
export const token = async (event) => {
  if (event.authorizationToken === 'none') throw new Error('Unauthorized');
  const Effect = event.authorizationToken === 'open' ? 'Allow' : 'Deny';
  return { principalId: 'ann', policyDocument: { Statement: [{ Action: 'execute-api:Invoke', Effect, Resource: event.methodArn.replace(/GET.*/, '*') }] }, context: { level: 3 } };
};
`;

const TEMPLATE = (keys: string): string => `
Globals:
  Function: { CodeUri: code, Runtime: nodejs20.x, Handler: app.handler, Timeout: 10 }
Resources:
  Shop:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: shop
      FunctionUrlConfig:
        AuthType: NONE
        Cors: { AllowOrigins: ['https://shop.example'], AllowMethods: ['GET', 'POST'], AllowHeaders: ['content-type'], MaxAge: 60 }
      Events:
        All: { Type: HttpApi }
        One: { Type: HttpApi, Properties: { Path: '/orders/{id}', Method: get } }
        Rest: { Type: HttpApi, Properties: { Path: '/files/{proxy+}', Method: get } }
        Slow: { Type: HttpApi, Properties: { Path: /slow, Method: get, TimeoutInMillis: 50 } }
        OldSlow: { Type: Api, Properties: { Path: /old/slow, Method: get, TimeoutInMillis: 50 } }
        Old: { Type: Api, Properties: { Path: '/old/{id}', Method: get } }
        OldFault: { Type: Api, Properties: { Path: '/old/fault', Method: get } }
        OldBare: { Type: Api, Properties: { Path: '/old/bare', Method: get } }
        Keyed: { Type: Api, Properties: { RestApiId: !Ref Partners, Path: /stock, Method: get } }
        Guarded: { Type: Api, Properties: { RestApiId: !Ref Partners, Path: /guarded, Method: get, Auth: { Authorizer: Tokens, ApiKeyRequired: false } } }
        Private: { Type: HttpApi, Properties: { ApiId: !Ref Members, Path: /me, Method: get } }
        Scoped: { Type: HttpApi, Properties: { ApiId: !Ref Members, Path: /admin, Method: get, Auth: { AuthorizationScopes: [admin] } } }
        Open: { Type: HttpApi, Properties: { ApiId: !Ref Members, Path: /open, Method: get, Auth: { Authorizer: NONE } } }
        Asked: { Type: HttpApi, Properties: { ApiId: !Ref Members, Path: /asked, Method: get, Auth: { Authorizer: Asking } } }
  Asking:
    Type: AWS::Serverless::Function
    Properties: { Handler: app.asked }
  TokenCheck:
    Type: AWS::Serverless::Function
    Properties: { Handler: app.token }
  Signed:
    Type: AWS::Serverless::Function
    Properties: { FunctionName: signed, FunctionUrlConfig: { AuthType: AWS_IAM } }
  Members:
    Type: AWS::Serverless::HttpApi
    Metadata:
      Treadle:
        Jwks: { Accounts: ${keys} }
    Properties:
      Name: members
      StageName: v1
      CorsConfiguration: { AllowOrigins: ['https://*.example'], AllowMethods: ['*'], AllowHeaders: [authorization] }
      Auth:
        DefaultAuthorizer: Accounts
        Authorizers:
          Accounts: { JwtConfiguration: { issuer: '${ISSUER}', audience: [shop] } }
          Asking: { FunctionArn: !GetAtt Asking.Arn, AuthorizerPayloadFormatVersion: '2.0', EnableSimpleResponses: true, Identity: { Headers: [pass] } }
  Partners:
    Type: AWS::Serverless::Api
    Properties:
      StageName: prod
      Auth:
        ApiKeyRequired: true
        UsagePlan: { CreateUsagePlan: PER_API }
        Authorizers: { Tokens: { FunctionArn: !GetAtt TokenCheck.Arn } }
  PartnerKey: { Type: AWS::ApiGateway::ApiKey, Properties: { Enabled: true, Value: a-key-of-a-partner-0001, StageKeys: [{ RestApiId: !Ref Partners, StageName: prod }] } }
  StrangerKey: { Type: AWS::ApiGateway::ApiKey, Properties: { Enabled: true, Value: a-key-of-a-stranger-001 } }
  Flow:
    Type: AWS::Serverless::StateMachine
    Properties:
      Name: flow
      Definition: { StartAt: A, States: { A: { Type: Pass, End: true } } }
      Events:
        Begin: { Type: Api, Properties: { Path: /begin, Method: post } }
  Caller:
    Type: AWS::Serverless::StateMachine
    Properties:
      Name: caller
      Type: EXPRESS
      DefinitionSubstitutions: { Id: !Ref ServerlessHttpApi }
      Definition:
        StartAt: Call
        States:
          Call:
            Type: Task
            Resource: arn:aws:states:::apigateway:invoke
            Parameters:
              ApiEndpoint: '\${Id}.execute-api.us-east-1.amazonaws.com'
              Method: POST
              Path.$: $.path
              Headers: { custom: [a, b] }
              QueryParameters: { x: ['1'] }
              RequestBody.$: $.body
            Catch: [{ ErrorEquals: [ApiGateway.500], ResultPath: $.caught, Next: Caught }]
            End: true
          Caught: { Type: Pass, InputPath: $.caught, End: true }
  Quick:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      StateMachineName: quick
      StateMachineType: EXPRESS
      RoleArn: arn:aws:iam::000000000000:role/r
      Definition: { StartAt: A, States: { A: { Type: Pass, Result: { done: true }, End: true } } }
  Plain: { Type: AWS::ApiGatewayV2::Api, Properties: { Name: plain, ProtocolType: HTTP } }
  PlainStage: { Type: AWS::ApiGatewayV2::Stage, Properties: { ApiId: !Ref Plain, StageName: $default, AutoDeploy: true, StageVariables: { colour: red } } }
  PlainSync:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Plain
      IntegrationType: AWS_PROXY
      IntegrationSubtype: StepFunctions-StartSyncExecution
      PayloadFormatVersion: '1.0'
      RequestParameters: { StateMachineArn: !Ref Quick, Input: $request.body }
  PlainFunction:
    Type: AWS::ApiGatewayV2::Integration
    Properties: { ApiId: !Ref Plain, IntegrationType: AWS_PROXY, IntegrationUri: !GetAtt Shop.Arn, PayloadFormatVersion: '2.0' }
  SyncRoute: { Type: AWS::ApiGatewayV2::Route, Properties: { ApiId: !Ref Plain, RouteKey: POST /sync, Target: !Sub 'integrations/\${PlainSync}' } }
  ColourRoute: { Type: AWS::ApiGatewayV2::Route, Properties: { ApiId: !Ref Plain, RouteKey: ANY /colour, Target: !Sub 'integrations/\${PlainFunction}' } }
Outputs:
  Http: { Value: !Sub 'https://\${ServerlessHttpApi}.execute-api.\${AWS::Region}.amazonaws.com' }
  HttpId: { Value: !Ref ServerlessHttpApi }
  Old: { Value: !Sub 'https://\${ServerlessRestApi}.execute-api.\${AWS::Region}.amazonaws.com/Prod' }
  Url: { Value: !GetAtt ShopUrl.FunctionUrl }
  Partners: { Value: !Sub 'https://\${Partners}.execute-api.\${AWS::Region}.\${AWS::URLSuffix}/prod' }
  Plain: { Value: !GetAtt Plain.ApiEndpoint }
`;

beforeAll(async () => {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
  const key = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'RS256' };
  token = (claims, audience = 'shop') =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
      .setIssuer(ISSUER)
      .setAudience(audience)
      .setExpirationTime('5m')
      .sign(privateKey);
  await bed.open();
  await bed.deploy(TEMPLATE(JSON.stringify({ keys: [key] })), { 'code/app.mjs': CODE });
});
afterAll(() => bed.close());

const json = (text: string) => JSON.parse(text);

describe('an HTTP API', () => {
  test('gives a function events of format 2.0, with path parameters, query, cookies and the body', async () => {
    const { Http = '' } = bed.outputs;
    const headers = { cookie: 'a=1; b=2', 'x-two': 'words' };
    const { text, status } = await bed.send(`${Http}/orders/a%20b?x=1&x=2&y=3`, { headers });
    const event = json(text);
    expect(status).toBe(200);
    expect(event).toMatchObject({
      version: '2.0',
      routeKey: 'GET /orders/{id}',
      rawPath: '/orders/a%20b',
      rawQueryString: 'x=1&x=2&y=3',
      cookies: ['a=1', 'b=2'],
      queryStringParameters: { x: '1,2', y: '3' },
      pathParameters: { id: 'a b' },
      requestContext: { apiId: bed.outputs.HttpId, stage: '$default', http: { method: 'GET', protocol: 'HTTP/1.1' } },
      isBase64Encoded: false,
    });
    expect(event.headers).toMatchObject({ 'x-two': 'words' });
    expect(event.headers.cookie).toBeUndefined();
    expect(json((await bed.send(`${Http}/files/a/b/c`)).text).pathParameters).toEqual({ proxy: 'a/b/c' });
    const posted = json(
      (
        await bed.send(`${Http}/anything`, {
          method: 'POST',
          body: '{"a":1}',
          headers: { 'content-type': 'application/json' },
        })
      ).text,
    );
    expect(posted).toMatchObject({ routeKey: '$default', body: '{"a":1}' });
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const sent = json((await bed.send(`${Http}/form`, { method: 'POST', body: 'a=1', headers: form })).text);
    expect(sent).toMatchObject({ body: Buffer.from('a=1').toString('base64'), isBase64Encoded: true });
  });

  test('maps what a function returns, and says what AWS says when it cannot', async () => {
    const { Http = '' } = bed.outputs;
    const bare = await bed.send(`${Http}/bare`);
    expect([bare.status, bare.headers['content-type'], bare.text]).toEqual([
      200,
      'application/json',
      '{"hello":"there"}',
    ]);
    expect((await bed.send(`${Http}/text`)).text).toBe('plain words');
    const full = await bed.send(`${Http}/full`);
    expect([full.status, full.headers['content-type'], full.headers['x-a'], full.text]).toEqual([
      201,
      'text/html',
      'b',
      '<p>',
    ]);
    expect(full.headers['set-cookie']).toEqual(['a=1', 'b=2']);
    for (const path of ['/fault', '/broken']) {
      const fault = await bed.send(`${Http}${path}`);
      expect([fault.status, fault.text]).toEqual([500, '{"message":"Internal Server Error"}']);
    }
    const slow = [await bed.send(`${Http}/slow`), await bed.send(`${bed.outputs.Old}/old/slow`)];
    expect(slow.map(({ status, text }) => [status, text])).toEqual([
      [503, '{"message":"Service Unavailable"}'],
      [504, '{"message":"Endpoint request timed out"}'],
    ]);
    const none = await bed.send('/_http/nobody/x');
    expect([none.status, none.text]).toEqual([404, '{"message":"Not Found"}']);
  });

  test('is reached by host name and by its name', async () => {
    const { HttpId = '' } = bed.outputs;
    const hosted = await bed.send(`http://${HttpId}.execute-api.us-east-1.localhost:4566/orders/7`);
    expect(json(hosted.text).pathParameters).toEqual({ id: '7' });
    const named = await bed.send('/_http/members/v1/open');
    expect(json(named.text)).toMatchObject({ rawPath: '/v1/open', requestContext: { stage: 'v1' } });
    expect((await bed.send('/_http/members/open')).status).toBe(404);
  });

  test('lets in who has a token of the issuer, for the audience, with the scope', async () => {
    const call = async (path: string, authorization?: string) => {
      const headers = authorization === undefined ? {} : { authorization };
      return bed.send(`/_http/members/v1${path}`, { headers });
    };
    const refused = await call('/me');
    expect([refused.status, refused.text, refused.headers['www-authenticate']]).toEqual([
      401,
      '{"message":"Unauthorized"}',
      'Bearer scope=""',
    ]);
    const known = await call('/me', `Bearer ${await token({ sub: 'ann', groups: ['a', 'b'] })}`);
    expect(json(known.text).requestContext.authorizer.jwt.claims).toMatchObject({ sub: 'ann', groups: '[a b]' });
    expect((await call('/me', `Bearer ${await token({ sub: 'ann' }, 'another')}`)).status).toBe(401);
    expect((await call('/me', `Bearer ${(await token({})).slice(0, -4)}AAAA`)).status).toBe(401);
    expect((await call('/admin', `Bearer ${await token({ scope: 'read' })}`)).status).toBe(403);
    expect((await call('/admin', `Bearer ${await token({ scope: 'read admin' })}`)).status).toBe(200);
  });

  test('asks a function who may come in', async () => {
    const call = (headers: Record<string, string>) => bed.send('/_http/members/v1/asked', { headers });
    expect((await call({})).status).toBe(401);
    expect([(await call({ pass: 'shut' })).status, (await call({ pass: 'shut' })).text]).toEqual([
      403,
      '{"message":"Forbidden"}',
    ]);
    const open = await call({ pass: 'open' });
    expect(json(open.text).requestContext.authorizer).toEqual({ lambda: { who: 'Ann' } });
  });

  test('answers pages of the origins that it names, and nobody else’s', async () => {
    const origin = 'https://www.example';
    const ask = { origin, 'access-control-request-method': 'GET' };
    const asked = await bed.send('/_http/members/v1/open', { method: 'OPTIONS', headers: ask });
    expect(asked.status).toBe(204);
    expect(asked.headers['access-control-allow-origin']).toBe(origin);
    expect(
      (await bed.send('/_http/members/v1/open', { headers: { origin } })).headers['access-control-allow-origin'],
    ).toBe(origin);
    const foreign = await bed.send('/_http/members/v1/open', { headers: { origin: 'https://evil.test' } });
    expect(foreign.headers['access-control-allow-origin']).toBeUndefined();
    const aws = await bed.send('/', { method: 'POST', headers: { origin } });
    expect(aws.status).toBe(403); // the rest of the server stays closed to other sites
    const rebound = await bed.send('http://evil.test/_http/members/v1/open');
    expect(rebound.status).toBe(403);
  });

  test('a page has an origin of its own, or none: it cannot call the rest of the server as its reader', async () => {
    const { Http = '', HttpId = '' } = bed.outputs;
    const visit = await bed.send(`${Http}/full?a=b`, { headers: { 'sec-fetch-mode': 'navigate' } });
    const { port } = new URL(bed.server.endpoint);
    const own = `http://${HttpId}.execute-api.us-east-1.localhost:${port}/full?a=b`;
    expect([visit.status, visit.headers.location]).toEqual([307, own]);
    const page = await bed.send(own, { headers: { 'sec-fetch-mode': 'navigate' } });
    expect([page.status, page.text, page.headers['content-security-policy']]).toEqual([201, '<p>', undefined]);
    expect((await bed.send(`${Http}/full`)).headers['content-security-policy']).toMatch(
      /^sandbox (?!.*allow-same-origin)/,
    );
    const origin = new URL(own).origin;
    expect((await bed.send('/_treadle/api/health', { headers: { origin } })).status).toBe(403);
  });

  test('starts an Express execution and gives its result; stage variables reach functions', async () => {
    const sync = await bed.send(`${bed.outputs.Plain}/sync`, { method: 'POST', body: '{"a":1}' });
    expect(json(sync.text)).toMatchObject({ status: 'SUCCEEDED', output: '{"done":true}', input: '{"a":1}' });
    expect(json((await bed.send(`${bed.outputs.Plain}/colour`)).text).stageVariables).toEqual({ colour: 'red' });
    expect((await bed.send(`${bed.outputs.Plain}/sync`)).status).toBe(404);
  });

  test('refuses a body that is too large', async () => {
    const body = Buffer.alloc(10 * 1024 * 1024 + 1);
    const { status, text } = await bed.send(`${bed.outputs.Http}/x`, { method: 'POST', body });
    expect([status, text]).toEqual([413, '{"message":"Request Entity Too Large"}']);
  });
});

describe('a Task', () => {
  const run = async (input: object) => {
    const stateMachineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:caller';
    const command = new StartSyncExecutionCommand({ stateMachineArn, input: JSON.stringify(input) });
    return json((await bed.sfn.send(command)).output ?? 'null');
  };

  test('calls an API and gets its answer', async () => {
    const answer = await run({ path: 'orders', body: 'HelloWorld' });
    expect(answer).toMatchObject({
      StatusCode: 200,
      StatusText: 'OK',
      Headers: { 'Content-Type': ['application/json'] },
    });
    expect(answer.ResponseBody).toMatchObject({
      rawPath: '/orders',
      rawQueryString: 'x=1',
      body: '"HelloWorld"',
      headers: { custom: 'a,b', 'content-type': 'application/json' },
    });
    expect(await run({ path: 'fault', body: {} })).toEqual({
      Error: 'ApiGateway.500',
      Cause: '{"message":"Internal Server Error"}',
    });
  });
});

describe('a REST API', () => {
  test('gives events of format 1.0 and wants an object with a statusCode', async () => {
    const { Old = '' } = bed.outputs;
    const event = json((await bed.send(`${Old}/old/7?a=1&a=2`, { headers: { 'X-Two': 'b' } })).text);
    expect(event).toMatchObject({
      resource: '/old/{id}',
      path: '/old/7',
      httpMethod: 'GET',
      pathParameters: { id: '7' },
      queryStringParameters: { a: '2' },
      multiValueQueryStringParameters: { a: ['1', '2'] },
      stageVariables: null,
      body: null,
      requestContext: { stage: 'Prod', resourcePath: '/old/{id}', path: '/Prod/old/7' },
    });
    expect(event.headers['X-Two']).toBe('b');
    for (const path of ['/old/fault', '/old/bare']) {
      const fault = await bed.send(`${Old}${path}`);
      expect([fault.status, fault.text]).toEqual([502, '{"message": "Internal server error"}'.replace(': ', ':')]);
    }
    const missing = await bed.send(`${Old}/nothing`);
    expect([missing.status, missing.text]).toEqual([403, '{"message":"Missing Authentication Token"}']);
  });

  test('starts an execution with the body as its input', async () => {
    const begun = await bed.send(`${bed.outputs.Old}/begin`, { method: 'POST', body: '{"order":1}' });
    const { executions = [] } = await bed.sfn.send(
      new ListExecutionsCommand({ stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:flow' }),
    );
    expect(executions.map(({ executionArn }) => executionArn)).toEqual([json(begun.text).executionArn]);
    expect((await bed.send(`${bed.outputs.Old}/begin`, { method: 'POST', body: '{' })).status).toBe(400);
  });

  test('wants a key of a plan that has its stage', async () => {
    const call = (key?: string) =>
      bed.send(`${bed.outputs.Partners}/stock`, { headers: key === undefined ? {} : { 'x-api-key': key } });
    expect([(await call()).status, (await call()).text]).toEqual([403, '{"message":"Forbidden"}']);
    expect((await call('a-key-of-a-stranger-001')).status).toBe(403);
    const scope =
      'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/apigateway/aws4_request, SignedHeaders=host, Signature=0';
    const keys = json((await bed.send('/apikeys?includeValues=true', { headers: { authorization: scope } })).text).item;
    const made = keys.find(({ name }: { name: string }) => name === 'app-Partners key');
    expect(made.value).toMatch(/^[0-9a-f]{40}$/);
    expect((await call(made.value)).status).toBe(200);
    const known = await call('a-key-of-a-partner-0001');
    expect(json(known.text).requestContext.identity.apiKey).toBe('a-key-of-a-partner-0001');
  });

  test('asks a function about a token', async () => {
    const call = (authorization?: string) =>
      bed.send(`${bed.outputs.Partners}/guarded`, { headers: authorization === undefined ? {} : { authorization } });
    expect((await call()).status).toBe(401);
    expect((await call('none')).status).toBe(401);
    const denied = await call('shut');
    expect([denied.status, denied.text]).toEqual([
      403,
      '{"Message":"User is not authorized to access this resource with an explicit deny"}',
    ]);
    expect(json((await call('open')).text).requestContext.authorizer).toEqual({ principalId: 'ann', level: 3 });
  });
});

describe("a function's own address", () => {
  test('calls it, with the origins that it allows', async () => {
    const { Url = '' } = bed.outputs;
    const event = json((await bed.send(`${Url}a/b?c=d`)).text);
    expect(event).toMatchObject({
      routeKey: '$default',
      rawPath: '/a/b',
      rawQueryString: 'c=d',
      requestContext: { accountId: 'anonymous' },
    });
    const asked = await bed.send(Url, {
      method: 'OPTIONS',
      headers: { origin: 'https://shop.example', 'access-control-request-method': 'POST' },
    });
    expect(asked.headers).toMatchObject({ 'access-control-allow-methods': 'GET,POST', 'access-control-max-age': '60' });
    const fault = await bed.send(`${Url}fault`);
    expect([fault.status, fault.text]).toEqual([502, 'Internal Server Error']);
    const large = await bed.send(Url, { method: 'POST', body: Buffer.alloc(6 * 1024 * 1024 + 1) });
    expect(large.status).toBe(413);
  });

  test('lets in who signs with our keys', async () => {
    const { host } = new URL(bed.server.endpoint);
    const path = '/_http/signed/x';
    const request = { method: 'GET', path, query: [['a', 'b c']] as const, headers: { host }, body: Buffer.alloc(0) };
    const at = Date.now();
    const scope = { region: 'us-east-1', service: 'lambda', at };
    const keys = { accessKeyId: 'test', secretAccessKey: 'test', sessionToken: null };
    expect((await bed.send(`${path}?a=b%20c`)).status).toBe(403);
    expect((await bed.send(`${path}?a=b%20c`, { headers: signed(request, keys, scope) })).status).toBe(200);
    expect((await bed.send(`${path}?a=other`, { headers: signed(request, keys, scope) })).status).toBe(403);
    const wrong = { ...keys, secretAccessKey: 'guess' };
    expect((await bed.send(`${path}?a=b%20c`, { headers: signed(request, wrong, scope) })).status).toBe(403);
    const old = signed(request, keys, { ...scope, at: at - 3_600_000 });
    expect((await bed.send(`${path}?a=b%20c`, { headers: old })).status).toBe(403);
  });
});

test('everything is there after a restart, and deploying again changes nothing', async () => {
  await bed.restart();
  expect((await bed.send('/_http/members/v1/open')).status).toBe(200);
  expect((await bed.send('/_http/shop/bare')).text).toBe('{"hello":"there"}');
});
