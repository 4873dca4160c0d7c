// From here the name leads to what is installed beside this file.
import './promise-with-resolvers.mjs';

export { StateMachine } from 'aws-local-stepfunctions';
