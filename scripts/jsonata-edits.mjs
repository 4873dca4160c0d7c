// What changes in the published JSONata module besides the removal of its asynchronous parts: [why, from, to] and,
// where the text stands more than once, how often. A text that is not found exactly so often stops the generation.

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

const TIME_ZONE = `            return Date.parse(timestamp);`;
const UTC = `            return Date.parse(/T.*:\\d\\d(?:\\.\\d+)?$/.test(timestamp) ? timestamp + 'Z' : timestamp);`;

const ELVIS_TOKENS = `            if (currentChar === '?' && path.charAt(position + 1) === ':') {
                // ?: default / elvis operator
                position += 2;
                return create('operator', '?:');
            }
            if (currentChar === '?' && path.charAt(position + 1) === '?') {
                // ?? coalescing operator
                position += 2;
                return create('operator', '??');
            }
`;

/** Edits of the evaluator (module 3). */
const EVALUATOR = [
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
    '        charge(OBJECT_WORK);\n        var procedure = {\n            _jsonata_lambda: true,\n            input: input,',
  ],
  [
    'work is counted',
    '        var bodyAST = parser(body);\n',
    '        charge(PARSE_WORK);\n        var bodyAST = parser(body);\n',
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
    'the face of the module',
    '    jsonata.parser = parser; // TODO remove this in a future release - use ast() instead\n\n    return jsonata;',
    '    return { parser, run, defineFunction, staticFrame, populateMessage };',
  ],
];

/** Functions of the evaluator that are replaced whole. */
const EVALUATOR_FUNCTIONS = {
  createFrame: 'function createFrame(enclosing) {\n        return new Frame(enclosing);\n    }',
  functionEval: '',
  jsonata: `function run(ast, host) {
        return evaluate(ast, undefined, new Evaluation(host, staticFrame));
    }`,
};

const STRINGIFY = `            var space = prettify ? 2 : 0;
            if(Array.isArray(arg) && arg.outerWrapper) {
                arg = arg[0];
            }
            str = JSON.stringify(arg, function (key, val) {
                if (typeof val !== 'undefined' && val !== null && isNumeric(val)) {
                    return val.toPrecision && !Number.isInteger(val) ? Number(val.toPrecision(15)) : val;
                }
                return val && isFunction(val) ? '' : val;
            }, space);`;

/** Edits of the function library (module 2). */
const FUNCTIONS = [
  ['texts are bounded, and keys keep their place', STRINGIFY, '            str = textOfValue(arg, prettify);'],
  [
    'an argument list is bounded by the stack',
    '        return Math.max.apply(Math, args);',
    '        return args.reduce((most, next) => Math.max(most, next));',
  ],
  [
    'an argument list is bounded by the stack',
    '        return Math.min.apply(Math, args);',
    '        return args.reduce((least, next) => Math.min(least, next));',
  ],
  ['texts are bounded', '        return strs.join(separator);', '        return joinAll(strs, separator);'],
  [
    'texts are bounded',
    '            var padding = (new Array(padLength + 1)).join(char);',
    '            var padding = char.repeat(Math.ceil(boundedLength(padLength) / length(char)));',
  ],
  [
    'texts are bounded',
    '                    result += replacement;',
    '                    result = joined(result, replacement);',
  ],
  [
    'texts are bounded',
    '                            result += replacedWith;',
    '                            result = joined(result, replacedWith);',
  ],
  [
    'sequences are bounded',
    '                result = str.split(separator, limit);',
    '                result = splitText(str, separator, limit);',
  ],
  ['no array of characters', '        return stringToArray(str).length;', '        return lengthOf(str);'],
  [
    'no array of characters',
    '        var strArray = stringToArray(str);\n        var strLength = strArray.length;',
    '        var strArray = charactersOf(str);\n        var strLength = strArray.length;',
  ],
  [
    'no array of characters',
    "            return strArray.slice(start, end).join('');",
    '            return textOf(strArray.slice(start, end));',
  ],
  [
    'no array of characters',
    "        return strArray.slice(start).join('');",
    '        return textOf(strArray.slice(start));',
  ],
  [
    'the host draws',
    '            var j = Math.floor(Math.random() * (i + 1));',
    '            var j = Math.floor(this.environment.base.host.random() * (i + 1));',
  ],
  ['the host draws', '        return Math.random();', '        return undefined;'],
  ['Node has Buffer', 'new global.Buffer.from(', 'Buffer.from(', 2],
  [
    'endless for what is not finite',
    '        var defaults = {\n            "decimal-separator"',
    '        finite(value);\n        boundPicture(picture, options);\n        var defaults = {\n            "decimal-separator"',
  ],
  ['not a digit for what is not finite', '        value = round(value);\n', '        value = round(finite(value));\n'],
  [
    'work is counted',
    '            if (arg.length === 1) {\n                result = boolean(arg[0]);',
    '            charge(arg.length);\n            if (arg.length === 1) {\n                result = boolean(arg[0]);',
  ],
  [
    'work is counted',
    '        if (Array.isArray(input)) {\n            result = this.createSequence();',
    '        if (Array.isArray(input)) {\n            charge(input.length);\n            result = this.createSequence();',
  ],
  [
    'work is counted',
    '        for (var i = 0; i < length; i++) {\n            var tuple = args.map((arg) => {',
    '        for (var i = 0; i < length; i++) {\n            charge(args.length * ITEM_WORK);\n            var tuple = args.map((arg) => {',
  ],
  [
    'memory is counted, sequences are bounded where they grow',
    '        if(this.options && size > this.options.sequence) {',
    '        chargeAppend(size);\n        if(size < 0) {',
  ],
  [
    'integer-like keys keep their place',
    '                    merge[key] = true;',
    '                    setMember(merge, key, true);',
  ],
  [
    'a made object is an ordinary one',
    '        var result = Object.create(null);\n\n        arg.forEach(function (obj) {',
    '        var result = {};\n\n        arg.forEach(function (obj) {',
  ],
  [
    'integer-like keys keep their place',
    '                result[prop] = obj[prop];',
    '                charge(ITEM_WORK);\n                setMember(result, prop, obj[prop]);',
  ],
  [
    'a made object is an ordinary one',
    '        var result = Object.create(null);\n\n        for (const item of utils.keys(arg)) {',
    '        var result = {};\n\n        for (const item of utils.keys(arg)) {',
  ],
  [
    'integer-like keys keep their place',
    '                result[item] = entry;',
    '                setMember(result, item, entry);',
  ],
  [
    'linear',
    '        var results = isSequence(arr) ? this.createSequence() : [];\n',
    '        var results = isSequence(arr) ? this.createSequence() : [];\n        return distinctInto(results, arr, deepEquals);\n',
  ],
  [
    'an array is 8 bytes an item',
    '        var result = new Array(length);\n        for (var i = 0; i < length; i++) {\n            result[length - i - 1] = arr[i];',
    '        charge(length * ITEM_WORK);\n        var result = new Array(length);\n        for (var i = 0; i < length; i++) {\n            result[length - i - 1] = arr[i];',
  ],
];

const FUNCTION_FUNCTIONS = {
  /** The published merge recurses once an item, which only promises survive, and copies the rest each time. */
  sort: `async function sort(arr, comparator) {
        // undefined inputs always return undefined
        if (typeof arr === 'undefined') {
            return undefined;
        }

        if (arr.length <= 1) {
            return arr;
        }

        var comp = comparator;
        if (typeof comparator === 'undefined') {
            // inject a default comparator - only works for numeric or string arrays
            if (!isArrayOfNumbers(arr) && !isArrayOfStrings(arr)) {
                throw {
                    code: "D3070",
                    index: 1
                };
            }
            comp = (a, b) => a > b;
        }
        return sorted(arr, (a, b) => comp.call(undefined, a, b));
    }`,
};

/** Edits of the dates (module 1). */
const DATES = [
  ['matching is linear', "new RegExp(fullRegex, 'i')", "new LinearRegex(fullRegex, 'i')"],
  ['a time without a zone is UTC, wherever the server stands', TIME_ZONE, UTC],
  [
    'texts are bounded',
    "var padding = (new Array(padLength + 1)).join('0');",
    "var padding = '0'.repeat(boundedDigits(padLength));",
  ],
  [
    'endless for what is not finite',
    '        value = Math.floor(value);\n\n        const format',
    '        value = Math.floor(finite(value));\n\n        const format',
  ],
  [
    'the text grows with the number',
    '    function decimalToRoman(value) {',
    '    function decimalToRoman(value) {\n        boundRoman(value);',
  ],
];

/** Edits of the parser (module 4). */
const PARSER = [
  ['newer than 2.0.6', ELVIS_TOKENS, ''],
  ['newer than 2.0.6', "        '?:': 40,\n        '??': 40,\n", ''],
  ['matching is linear', 'return new RegExp(pattern, flags);', 'return new LinearRegex(pattern, flags);'],
  [
    'nesting is bounded',
    '            var left;\n            var t = node;\n            advance(null, true);\n            left = t.nud();',
    '            var left;\n            var t = node;\n            nesting(++parseDepth);\n            advance(null, true);\n            left = t.nud();',
  ],
  [
    'nesting is bounded',
    '                left = t.led(left);\n            }\n            return left;',
    '                left = t.led(left);\n            }\n            parseDepth--;\n            return left;',
  ],
  [
    'nesting is bounded',
    '        var errors = [];\n\n        var remainingTokens',
    '        var errors = [];\n        var parseDepth = 0;\n        var treeDepth = 0;\n\n        var remainingTokens',
  ],
  [
    'nesting is bounded',
    '        var processAST = function (expr) {\n            var result;\n',
    '        var processAST = function (expr) {\n            nesting(++treeDepth);\n            var result = processNode(expr);\n            treeDepth--;\n            return result;\n        };\n        var processNode = function (expr) {\n            var result;\n',
  ],
];

/** Statements of the parser that go, by how they begin. */
const PARSER_STATEMENTS = ['infix("??", ', 'infix("?:", '];

/** Edits of the signatures (module 5). */
const SIGNATURES = [
  ['matching is linear', 'var regex = new RegExp(regexStr);', 'var regex = signatureRegex(regexStr);'],
  [
    'matching is linear',
    'var match = badSig.match(partialPattern);',
    'var match = signatureRegex(partialPattern).exec(badSig);',
  ],
  ['a choice is letters', "if (choice.indexOf('<') === -1) {", 'if (/^[a-z]+$/.test(choice)) {'],
];

/** Edits of the small functions (module 6). */
const UTILITIES = [
  [
    'integer-like keys keep their place',
    "return typeof arg === 'object' && arg !== null ? Object.keys(arg) : [];",
    "return typeof arg === 'object' && arg !== null ? memberKeys(arg) : [];",
  ],
  [
    'work is counted',
    '    function isDeepEqual(lhs, rhs) {\n',
    '    function isDeepEqual(lhs, rhs) {\n        charge(1);\n',
  ],
  [
    'work is counted',
    '            result = (arg.filter(function(item){return !isNumeric(item);}).length === 0);',
    '            charge(arg.length);\n            result = (arg.filter(function(item){return !isNumeric(item);}).length === 0);',
  ],
  [
    'a value may be missing',
    '        return value.sequence === true && Array.isArray(value);',
    '        return Array.isArray(value) && value.sequence === true;',
  ],
];

export const EDITS = {
  1: { texts: DATES, functions: {}, statements: [] },
  2: { texts: FUNCTIONS, functions: FUNCTION_FUNCTIONS, statements: [] },
  3: { texts: EVALUATOR, functions: EVALUATOR_FUNCTIONS, statements: [] },
  4: { texts: PARSER, functions: {}, statements: PARSER_STATEMENTS },
  5: { texts: SIGNATURES, functions: {}, statements: [] },
  6: { texts: UTILITIES, functions: {}, statements: [] },
};
