import {
  ConditionalCheckFailedException,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { Application, eventually } from '../../../test/apps/application.js';

/** The shop as its owner sees it: orders go in; book, shelf and mail can be looked at. */
export class Shop extends Application {
  /** Pieces in stock by item, with a `*` where an order holds some. */
  async stock(): Promise<Readonly<Record<string, string>>> {
    const rows = await this.rows('Stock');
    const entries = rows.map((row) => [
      row.itemDescription?.S ?? '',
      `${row.quantityInStock?.N}${row.reservedBy === undefined ? '' : '*'}`,
    ]);
    return Object.fromEntries(entries.sort());
  }

  /** Performs one update; false when its condition does not hold. */
  async update(input: UpdateItemCommandInput): Promise<boolean> {
    try {
      await this.dynamodb.send(new UpdateItemCommand(input));
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  /** Waits for the mail that names the order: a topic delivers after the execution has ended. */
  mailAbout(orderId: string): Promise<string> {
    return eventually(`the mail about ${orderId}`, async () => {
      const mail = await this.mail();
      return mail.includes(orderId) ? mail : undefined;
    });
  }

  /** Waits for the packing line that names the order. */
  packingLine(orderId: string): Promise<string> {
    return eventually(`the packing line of ${orderId}`, async () => {
      const log = await this.log('order-processing-tell-warehouse');
      return log.match(new RegExp(`Pack order ${orderId} [^"\\\\]*`))?.[0];
    });
  }
}
