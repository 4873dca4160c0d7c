/** The face of the JSONPath language: everything that compiles an expression. */
export { type ChoiceTest, compileChoiceRule, compileCondition } from './choice-rule.js';
export { compileIntrinsic } from './intrinsics/index.js';
export { compilePath, isReferencePath } from './jsonpath/index.js';
export { ExpressionSyntaxError } from './jsonpath/syntax-error.js';
export { compileReferencePath } from './reference-path.js';
export { type CompiledExpression, compilePathOrIntrinsic, compileTemplate } from './template.js';
