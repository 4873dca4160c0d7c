import { z } from 'zod';
import type { MessageAttribute } from '../../services/sns/message.js';
import type { PublishRequest } from '../../services/sns/publication.js';
import { apiError } from '../errors.js';
import { listOf } from '../input.js';

const ATTRIBUTE = z.object({
  DataType: z.string(),
  StringValue: z.string().optional(),
  BinaryValue: z.string().optional(),
});

const MESSAGE = z.object({
  Message: z.string(),
  Subject: z.string().optional(),
  MessageStructure: z.string().optional(),
  MessageAttributes: z.record(z.string(), ATTRIBUTE).optional(),
  MessageGroupId: z.string().optional(),
  MessageDeduplicationId: z.string().optional(),
});

export const PUBLISH = MESSAGE.extend({
  TopicArn: z.string().optional(),
  TargetArn: z.string().optional(),
  PhoneNumber: z.string().optional(),
});

export const BATCH = z.object({
  TopicArn: z.string(),
  PublishBatchRequestEntries: listOf(MESSAGE.extend({ Id: z.string() })),
});

type PublishInput = z.infer<typeof MESSAGE> & {
  TopicArn?: string | undefined;
  TargetArn?: string | undefined;
  PhoneNumber?: string | undefined;
};

/** The members of Publish, or of one entry of a batch, in our words. Throws ApiError for phone numbers. */
export function publishRequest(input: PublishInput): PublishRequest {
  if (input.PhoneNumber !== undefined) {
    throw apiError(
      'InvalidParameter',
      'Invalid parameter: PhoneNumber Reason: Treadle does not send text messages. Publish to a topic.',
    );
  }
  return {
    topicArn: input.TopicArn ?? input.TargetArn ?? '',
    message: input.Message,
    subject: input.Subject,
    messageStructure: input.MessageStructure,
    attributes: input.MessageAttributes === undefined ? undefined : readAttributes(input.MessageAttributes),
    groupId: input.MessageGroupId,
    deduplicationId: input.MessageDeduplicationId,
  };
}

const readAttributes = (given: Readonly<Record<string, z.infer<typeof ATTRIBUTE>>>): Record<string, MessageAttribute> =>
  Object.fromEntries(
    Object.entries(given).map(([name, { DataType, StringValue, BinaryValue }]) => [
      name,
      {
        dataType: DataType,
        ...(StringValue === undefined ? {} : { stringValue: StringValue }),
        ...(BinaryValue === undefined ? {} : { binaryValue: BinaryValue }),
      },
    ]),
  );
