// What changes in the evaluator of the published JSONata module (module 3); jsonata-edits.mjs says how to read it.

const STEP = `
        environment.base.depth++;
        environment.base.guardrails();
        var entryCallback = environment.lookup(Symbol.for('jsonata.__evaluate_entry'));
        if(entryCallback) {
            await entryCallback(expr, input, environment);
        }
`;

const EXIT = `
        var exitCallback = environment.lookup(Symbol.for('jsonata.__evaluate_exit'));
        if(exitCallback) {
            await exitCallback(expr, input, environment, result);
        }
`;

const CALL_NATIVE = `
                result = proc.implementation.apply(focus, validatedArgs);
                // \`proc.implementation\` might be a generator function
                // and \`result\` might be a generator - if so, yield
                if (isIterable(result)) {
                    result = result.next().value;
                }
                if (isPromise(result)) {
                    result = await result;
                }
`;

const TOKEN_OF_INNER = `
            if(proc) {
                if (typeof err.token == 'undefined' && typeof proc.token !== 'undefined') {
                    err.token = proc.token;
                }
                err.position = proc.position || err.position;
            }
            throw err;
`;

const TRAMPOLINE_TOKEN = `
            if(result.body.procedure.type === 'variable') {
                next.token = result.body.procedure.value;
            }
            next.position = result.body.procedure.position;
`;

const TOKEN_OF_FUNCTION = `
            if(typeof proc === 'object') {
                proc.token = procName;
                proc.position = expr.position;
            }
`;

const CLONE = `            var result = await apply(cloneFunction, [obj], null, environment);
            var matches = await evaluate(expr.pattern, result, environment);`;

const CLONED = `            var owned = new Set();
            var result = copyOf(await apply(cloneFunction, [obj], null, environment), owned);
            var matches = await evaluate(expr.pattern, result, environment);`;

const DELETE_MEMBER = `                                if(typeof match === 'object' && match !== null) {
                                    delete match[deletions[jj]];
                                }`;

const APPENDED = `                        // append it as an array
                        groups[key].data = fn.append.call(focus, groups[key].data, item);`;

const APPENDED_ONCE = `                        gather(groups[key], item, fn.append, focus);`;

/** Edits of the evaluator (module 3). */
export const EVALUATOR = [
  ['depth and work are counted, callbacks are gone', STEP, '\n        enter(environment.base);\n'],
  ['callbacks are gone', EXIT, '\n'],
  [
    'work of native functions is counted',
    CALL_NATIVE,
    '\n                result = callNative(proc.implementation, focus, validatedArgs);\n',
  ],
  [
    'functions are shared: an error must not tell of an earlier expression',
    TOKEN_OF_INNER,
    '\n            throw err;\n',
  ],
  ['functions are shared, and inputs are never changed', TOKEN_OF_FUNCTION, '\n'],
  ['functions are shared, and what is called may be no object', TRAMPOLINE_TOKEN, '\n'],
  [
    'a plain array may be the input itself',
    '            resultSequence.keepSingleton = true;',
    '            if (resultSequence && isSequence(resultSequence)) resultSequence.keepSingleton = true;',
  ],
  ['an empty array may be the input itself', '            input.push(undefined);', '            input = [undefined];'],
  ['an array of one key grows in place', APPENDED, APPENDED_ONCE],
  [
    'integer-like keys keep their place',
    '                        groups[key] = entry;',
    '                        setMember(groups, key, entry);',
  ],
  [
    'integer-like keys keep their place',
    '                result[key] = value;',
    '                setMember(result, key, value);',
  ],
  [
    'a made object is an ordinary one',
    '        var result = Object.create(null);\n        var groups = Object.create(null);',
    '        charge(OBJECT_WORK);\n        var result = {};\n        var groups = Object.create(null);',
  ],
  ['only copies are changed', CLONE, CLONED],
  [
    'only copies are changed',
    '                            match[prop] = update[prop];',
    '                            if (owned.has(match)) setMember(match, prop, update[prop]);',
  ],
  [
    'only copies are changed',
    DELETE_MEMBER,
    '                                if (owned.has(match)) removeMember(match, deletions[jj]);',
  ],
  ['dead', '                        environment.isParallelCall = idx > 0\n', ''],
  ['dead', '            environment.isParallelCall = idx > 0\n', ''],
  ['a set flag', "Object.defineProperty(result, 'cons', {", 'Object.defineProperty(result, CONS, {'],
  [
    'texts are compared',
    '        var rhs = await evalrhs();\n',
    '        var rhs = await evalrhs();\n        chargeComparison(lhs, rhs);\n',
  ],
  ['texts are bounded', '        result = lstr.concat(rstr);', '        result = joined(lstr, rstr);'],
  [
    'work is counted',
    '        for(var i = 0; i < rhs.length; i++) {\n            if(rhs[i] === lhs) {',
    '        charge(rhs.length);\n        for(var i = 0; i < rhs.length; i++) {\n            if(rhs[i] === lhs) {',
  ],
  ['work is counted', '            flattened.push(arg);', '            charge(1);\n            flattened.push(arg);'],
  [
    'work is counted',
    '    function recurseDescendants(input, results) {',
    '    function recurseDescendants(input, results) {\n        charge(1);',
  ],
  [
    'an integer that large does not grow by one: the loop would not end',
    '        for (var item = lhs, index = 0; item <= rhs; item++, index++) {\n            result[index] = item;\n        }',
    '        for (var index = 0; index < size; index++) {\n            result[index] = lhs + index;\n        }',
  ],
  [
    'memory is counted',
    '        result = new Array(size);\n',
    '        charge(size * ITEM_WORK);\n        result = new Array(size);\n',
  ],
  [
    'sequences are bounded where they grow',
    '        if(environment.base.options && size > environment.base.options.sequence) {',
    '        if(size < 0) {',
  ],
  [
    'matching is linear',
    '        var re = new environment.base.RegexEngine(expr.value);',
    '        var re = expr.value.restarted();',
  ],
  [
    'work is counted',
    '                    tuple = Object.create(null);\n',
    '                    charge(OBJECT_WORK);\n                    tuple = Object.create(null);\n',
  ],
  [
    'work is counted',
    '        var procedure = {\n            _jsonata_lambda: true,\n            input: input,',
    '        charge(expr.thunk ? OBJECT_WORK : 4 * OBJECT_WORK);\n        var procedure = {\n            _jsonata_lambda: true,\n            input: input,',
  ],
  [
    'parsed once: there are as many texts as parameter lists in the library',
    '        var bodyAST = parser(body);\n        bodyAST.body = native;\n',
    '        if (!parsedBodies.has(body)) parsedBodies.set(body, parser(body));\n        var bodyAST = Object.assign({}, parsedBodies.get(body), { body: native });\n',
  ],
  [
    'parsed once',
    '    var staticFrame = createFrame(null);\n',
    '    var staticFrame = createFrame(null);\n    const parsedBodies = new Map();\n',
  ],
  [
    'memory is counted',
    '        var env = createFrame(proc.environment || environment);',
    '        charge(4 * OBJECT_WORK);\n        var env = createFrame(proc.environment || environment);',
  ],
  [
    'a value that is no function has no flag',
    'result = input && input.outerWrapper ? input[0] : input;',
    'result = input;',
  ],
  [
    'a message is bounded',
    '                return JSON.stringify(err[arguments[1]]);',
    '                return describe(err[arguments[1]]);',
  ],
  [
    'a key that a prototype has is no message',
    '        var template = errorCodes[err.code];',
    '        var template = Object.hasOwn(errorCodes, err.code) ? errorCodes[err.code] : undefined;',
  ],
  ['$eval is off', "    staticFrame.bind('eval', defineFunction(functionEval, '<sx?:x>'));\n", ''],
  ['the host draws', "    staticFrame.bind('random', defineFunction(fn.random, '<:n>'));\n", ''],
  ['the copy is bounded', '        return JSON.parse(fn.string(arg));', '        return copyOf(arg, undefined);'],
  [
    'a partially applied function may be given a function of the library',
    "        if(typeof signature !== 'undefined') {\n            definition.signature = parseSignature(signature);",
    "        definition.apply = (focus, args) => apply(definition, args, focus.input, focus.environment);\n        if(typeof signature !== 'undefined') {\n            definition.signature = func.signature = parseSignature(signature);",
  ],
  [
    'a partially applied function is bounded and checks its arguments as any other',
    '        var result = proc.apply(focus, args);',
    '        var result = callNative(proc, focus, proc.signature ? proc.signature.validate(args, undefined) : args);',
  ],
  [
    "a default value is no part of a parameter's name",
    "        var sigArgs = sigParens.split(',');",
    "        var sigArgs = sigParens.split(',').map((name) => name.replace(/ *=.*$/, ''));",
  ],
  [
    'a function that came as an argument can be partially applied',
    '                closure.arity = getFunctionArity(arg);',
    '                closure.arity = getFunctionArity(arg);\n                closure.origin = arg;',
  ],
  [
    'a function that came as an argument can be partially applied',
    "        if (typeof proc === 'undefined' && expr.procedure.type === 'path' && environment.lookup(expr.procedure.steps[0].value)) {\n            // help the user out here if they simply forgot the leading $\n            throw {\n                code: \"T1007\",",
    "        if (typeof proc === 'function' && proc.origin) proc = proc.origin;\n        if (typeof proc === 'undefined' && expr.procedure.type === 'path' && environment.lookup(expr.procedure.steps[0].value)) {\n            // help the user out here if they simply forgot the leading $\n            throw {\n                code: \"T1007\",",
  ],
  [
    'the face of the module',
    '    jsonata.parser = parser; // TODO remove this in a future release - use ast() instead\n\n    return jsonata;',
    '    return { parser, run, defineFunction, staticFrame, populateMessage };',
  ],
];

/** Functions of the evaluator that are replaced whole. */
export const EVALUATOR_FUNCTIONS = {
  createFrame: 'function createFrame(enclosing) {\n        return new Frame(enclosing);\n    }',
  functionEval: '',
  jsonata: `function run(ast, host) {
        return evaluate(ast, undefined, new Evaluation(host, staticFrame));
    }`,
};
