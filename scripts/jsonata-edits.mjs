// What changes in the published JSONata module besides the removal of its asynchronous parts: [why, from, to] and,
// where the text stands more than once, how often. A text that is not found exactly so often stops the generation.

import { EVALUATOR, EVALUATOR_FUNCTIONS } from './jsonata-evaluator-edits.mjs';

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
  [
    'work is counted',
    '                    substitute += replacement.substring(position, index);',
    '                    charge(ITEM_WORK * 2);\n                    substitute += replacement.substring(position, index);',
  ],
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
    '            charge(arg.length * ITEM_WORK * 2);\n            if (arg.length === 1) {\n                result = boolean(arg[0]);',
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
    '        var results = isSequence(arr) ? this.createSequence() : [];\n        return distinctInto(results, arr);\n',
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
    '            var left;\n            var t = node;\n            nesting(++parseDepth);\n            var links = 0;\n            advance(null, true);\n            left = t.nud();',
  ],
  [
    'nesting is bounded',
    '                left = t.led(left);\n            }\n            return left;',
    '                nesting(++links);\n                left = t.led(left);\n            }\n            parseDepth--;\n            return left;',
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
    'work is counted',
    '            var lkeys = Object.getOwnPropertyNames(lhs);',
    '            charge(OBJECT_WORK / 4);\n            var lkeys = Object.getOwnPropertyNames(lhs);\n            charge(lkeys.length * ITEM_WORK);',
  ],
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
