import type { RestRoute } from '../protocols/rest-json.js';

const SCHEDULE = '/schedules/{Name}';
const GROUP = '/schedule-groups/{Name}';
const PAGE = { MaxResults: 'MaxResults', NextToken: 'NextToken', NamePrefix: 'NamePrefix' };

/** EventBridge Scheduler's REST surface, but for tags. */
export const SCHEDULER_ROUTES: readonly RestRoute[] = [
  { operation: 'CreateSchedule', method: 'POST', path: SCHEDULE, status: 200 },
  { operation: 'UpdateSchedule', method: 'PUT', path: SCHEDULE, status: 200 },
  { operation: 'GetSchedule', method: 'GET', path: SCHEDULE, status: 200, query: { groupName: 'GroupName' } },
  {
    operation: 'DeleteSchedule',
    method: 'DELETE',
    path: SCHEDULE,
    status: 200,
    query: { groupName: 'GroupName', clientToken: 'ClientToken' },
  },
  {
    operation: 'ListSchedules',
    method: 'GET',
    path: '/schedules',
    status: 200,
    query: { ...PAGE, ScheduleGroup: 'GroupName', State: 'State' },
  },
  { operation: 'CreateScheduleGroup', method: 'POST', path: GROUP, status: 200 },
  { operation: 'GetScheduleGroup', method: 'GET', path: GROUP, status: 200 },
  {
    operation: 'DeleteScheduleGroup',
    method: 'DELETE',
    path: GROUP,
    status: 200,
    query: { clientToken: 'ClientToken' },
  },
  { operation: 'ListScheduleGroups', method: 'GET', path: '/schedule-groups', status: 200, query: PAGE },
];
