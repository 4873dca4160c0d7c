import { functionArn } from '../arn.js';
import { functionUrl } from '../services/http/function-urls.js';
import { type Stack, steadyId } from './physical-names.js';

/** Ten characters, as AWS's ids of APIs, keys and plans; the same at each deployment. */
export const apiIdOf = (stack: Stack, logicalId: string): string =>
  steadyId(`${stack.place.region}:${stack.name}-${logicalId}`).slice(0, 10);

/** Where an API is served. */
export const apiEndpoint = ({ place, endpoint }: Stack, id: string): string =>
  endpoint === undefined ? `https://${id}.execute-api.${place.region}.amazonaws.com` : `${endpoint}/_http/${id}`;

/** The function that `AWS::Lambda::Url` is for, with its alias. */
export function urlFunctionArn(stack: Stack, target: string, qualifier: string | null): string {
  const arn = target.startsWith('arn:') ? target : functionArn(stack.place, target);
  return qualifier === null ? arn : `${arn}:${qualifier}`;
}

interface Subject {
  readonly type: string;
  readonly logicalId: string;
  readonly stack: Stack;
  readonly propertyOf: (name: string) => string | null;
}

/** What `Ref` gives of a type of the front door. */
export function frontReference(subject: Subject): string {
  const { type, stack, logicalId, propertyOf } = subject;
  if (type === 'AWS::ApiGatewayV2::Stage') return propertyOf('StageName') ?? '';
  if (type === 'AWS::Lambda::Url') {
    return urlFunctionArn(stack, propertyOf('TargetFunctionArn') ?? '', propertyOf('Qualifier'));
  }
  return apiIdOf(stack, logicalId);
}

/** What `Fn::GetAtt` gives. */
export function frontAttributes(subject: Subject): Readonly<Record<string, string>> {
  const { type, stack, logicalId } = subject;
  const id = apiIdOf(stack, logicalId);
  switch (type) {
    case 'AWS::Serverless::HttpApi':
    case 'AWS::ApiGatewayV2::Api':
      return { ApiEndpoint: apiEndpoint(stack, id), ApiId: id, Stage: subject.propertyOf('StageName') ?? '$default' };
    case 'AWS::Serverless::Api':
      return { RestApiId: id, RootResourceId: steadyId(id).slice(0, 10), Stage: subject.propertyOf('StageName') ?? '' };
    case 'AWS::ApiGatewayV2::Integration':
      return { IntegrationId: id };
    case 'AWS::ApiGatewayV2::Route':
      return { RouteId: id };
    case 'AWS::ApiGatewayV2::Authorizer':
      return { AuthorizerId: id };
    case 'AWS::ApiGateway::ApiKey':
      return { APIKeyId: id };
    case 'AWS::Lambda::Url': {
      const arn = frontReference(subject);
      const [functionName = '', qualifier = null] = arn.split(':').slice(6);
      const endpoint = stack.endpoint ?? 'https://localhost';
      return { FunctionArn: arn, FunctionUrl: functionUrl(endpoint, { functionName, qualifier }) };
    }
    default:
      return { Id: id };
  }
}

/** AWS's addresses of APIs in an output, as they are reached here. */
export function servedHere(text: string, { place, endpoint }: Stack): string {
  if (endpoint === undefined) return text;
  const address = new RegExp(`https://([a-z0-9]{10})\\.execute-api\\.${place.region}\\.amazonaws\\.com`, 'g');
  return text.replace(address, (_, id: string) => `${endpoint}/_http/${id}`);
}
