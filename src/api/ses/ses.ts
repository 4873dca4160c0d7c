import { z } from 'zod';
import { type Ses, SesFault, type SesMail } from '../../services/mail/ses.js';
import { listOf, readInput } from '../input.js';
import { type Action, type ApiCall, ApiError, type ApiService } from '../port.js';
import type { RestRoute } from '../protocols/rest-json.js';

const CONTENT = z.strictObject({ Data: z.string(), Charset: z.string().optional() });
const BODY = z.strictObject({ Text: CONTENT.optional(), Html: CONTENT.optional() });
const MESSAGE = { Subject: CONTENT, Body: BODY };
const ADDRESSES = listOf(z.string()).optional();
const DESTINATION = z.strictObject({ ToAddresses: ADDRESSES, CcAddresses: ADDRESSES, BccAddresses: ADDRESSES });

/** Version 1 of SES, by forms: SendEmail. Raw mails, templates and identities are not here. */
export function sesService(ses: Ses): ApiService {
  const shape = z.strictObject({
    Source: z.string(),
    Destination: DESTINATION,
    Message: z.strictObject(MESSAGE),
    ReplyToAddresses: ADDRESSES,
  });
  const action: Action = async (call) => {
    const { Source, Destination, Message, ReplyToAddresses } = read(shape, call, 'InvalidParameterValue');
    const mail = mailOf({ from: Source, destination: Destination, message: Message, replyTo: ReplyToAddresses });
    return { MessageId: await send(ses, mail, call, 'InvalidParameterValue') };
  };
  return { name: 'ses', actions: new Map([['SendEmail', action]]) };
}

/** Version 2 of SES, by REST: SendEmail with simple content. */
export function sesv2Service(ses: Ses): ApiService {
  const shape = z.strictObject({
    FromEmailAddress: z.string(),
    Destination: DESTINATION,
    ReplyToAddresses: ADDRESSES,
    Content: z.strictObject({ Simple: z.strictObject(MESSAGE) }),
  });
  const action: Action = async (call) => {
    const { FromEmailAddress, Destination, Content, ReplyToAddresses } = read(shape, call, 'BadRequestException');
    const { Simple } = Content;
    const mail = mailOf({
      from: FromEmailAddress,
      destination: Destination,
      message: Simple,
      replyTo: ReplyToAddresses,
    });
    return { MessageId: await send(ses, mail, call, 'BadRequestException') };
  };
  return { name: 'sesv2', actions: new Map([['SendEmail', action]]) };
}

export const SESV2_ROUTES: readonly RestRoute[] = [
  { operation: 'SendEmail', method: 'POST', path: '/v2/email/outbound-emails', status: 200 },
];

/** Members that are not named here (configuration sets, tags, raw content, templates, …) are refused by their names. */
function read<T>(shape: z.ZodType<T>, { input }: ApiCall, code: string): T {
  return readInput(shape, input, (member, expectation) => {
    const where = member === '' ? '' : `${member}: `;
    const hint = expectation.startsWith('Unrecognized') ? '. Treadle does not do what it asks for: leave it out' : '';
    return new ApiError(code, `${where}${expectation}${hint}.`);
  });
}

function mailOf({
  from,
  destination,
  message,
  replyTo = [],
}: {
  readonly from: string;
  readonly destination: z.infer<typeof DESTINATION>;
  readonly message: { readonly Subject: z.infer<typeof CONTENT>; readonly Body: z.infer<typeof BODY> };
  readonly replyTo: readonly string[] | undefined;
}): SesMail {
  return {
    from,
    to: destination.ToAddresses ?? [],
    cc: destination.CcAddresses ?? [],
    bcc: destination.BccAddresses ?? [],
    replyTo,
    subject: message.Subject.Data,
    text: message.Body.Text?.Data ?? null,
    html: message.Body.Html?.Data ?? null,
  };
}

async function send(ses: Ses, mail: SesMail, { key }: ApiCall, invalid: string): Promise<string> {
  try {
    return await ses.send(mail, key === undefined ? {} : { key });
  } catch (fault) {
    if (!(fault instanceof SesFault)) throw fault;
    throw new ApiError(fault.kind === 'rejected' ? 'MessageRejected' : invalid, fault.message);
  }
}
