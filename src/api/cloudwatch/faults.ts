import { ApiError } from '../port.js';

/** CloudWatch's exceptions; clients that know the older protocol read the older name from the header. */
export const invalidValue = (message: string): ApiError =>
  new ApiError('InvalidParameterValueException', message, 400, {}, queryName('InvalidParameterValue'));

export const invalidCombination = (message: string): ApiError =>
  new ApiError('InvalidParameterCombinationException', message, 400, {}, queryName('InvalidParameterCombination'));

export const missing = (parameter: string): ApiError =>
  new ApiError(
    'MissingRequiredParameterException',
    `The parameter ${parameter} is required.`,
    400,
    {},
    queryName('MissingParameter'),
  );

export const limitExceeded = (message: string): ApiError =>
  new ApiError('LimitExceededFault', message, 400, {}, queryName('LimitExceeded'));

export const resourceNotFound = (message: string): ApiError =>
  new ApiError('ResourceNotFound', message, 404, {}, queryName('ResourceNotFound'));

export const invalidToken = (): ApiError =>
  new ApiError(
    'InvalidNextToken',
    'Expected the NextToken of an earlier page of the same request, but it is none.',
    400,
    {},
    queryName('InvalidNextToken'),
  );

const queryName = (name: string): Readonly<Record<string, string>> => ({ 'x-amzn-query-error': `${name};Sender` });
