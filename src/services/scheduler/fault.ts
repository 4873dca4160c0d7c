/** What EventBridge Scheduler refuses. `code` is the exception of the service model. */
export class SchedulerFault extends Error {
  override readonly name = 'SchedulerFault';
  constructor(
    readonly code: string,
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

export const invalidSchedule = (message: string): SchedulerFault =>
  new SchedulerFault('ValidationException', message, 400);

export const notFound = (message: string): SchedulerFault =>
  new SchedulerFault('ResourceNotFoundException', message, 404);

export const conflict = (message: string): SchedulerFault => new SchedulerFault('ConflictException', message, 409);
