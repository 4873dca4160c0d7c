"use strict";
var __defProp = Object.defineProperty;
var __getOwnPropDesc = Object.getOwnPropertyDescriptor;
var __getOwnPropNames = Object.getOwnPropertyNames;
var __hasOwnProp = Object.prototype.hasOwnProperty;
var __export = (target, all) => {
  for (var name in all)
    __defProp(target, name, { get: all[name], enumerable: true });
};
var __copyProps = (to, from, except, desc) => {
  if (from && typeof from === "object" || typeof from === "function") {
    for (let key of __getOwnPropNames(from))
      if (!__hasOwnProp.call(to, key) && key !== except)
        __defProp(to, key, { get: () => from[key], enumerable: !(desc = __getOwnPropDesc(from, key)) || desc.enumerable });
  }
  return to;
};
var __toCommonJS = (mod) => __copyProps(__defProp({}, "__esModule", { value: true }), mod);

// functions/check-order/check-order.ts
var check_order_exports = {};
__export(check_order_exports, {
  checkOrder: () => checkOrder,
  handler: () => handler
});
module.exports = __toCommonJS(check_order_exports);
var itemsMax = 100;
var textLengthMax = 500;
var amountMax = 1e9;
function checkOrder(input) {
  try {
    return { isValid: true, problem: "", order: readOrder(input) };
  } catch (error) {
    if (error instanceof OrderProblem) return { isValid: false, problem: error.message };
    throw error;
  }
}
async function handler(event) {
  return checkOrder(event);
}
var OrderProblem = class extends Error {
};
function readOrder(input) {
  const order = readObject(input, "the order");
  const contents = readObject(order.orderContents, "orderContents");
  const items = readItems(contents.items);
  const payment = readObject(order.paymentDetails, "paymentDetails");
  const orderTotal = readPrice(order.orderTotal, "orderTotal");
  const sum = items.reduce((cents, item) => cents + toCents(item.price), 0) / 100;
  if (toCents(orderTotal) !== toCents(sum)) {
    throw new OrderProblem(`Expected orderTotal to be the sum of all prices, ${sum}, but it is ${orderTotal}.`);
  }
  return {
    orderContents: { items },
    orderTotal,
    customerId: readText(order.customerId, "customerId"),
    paymentDetails: {
      name: readText(payment.name, "paymentDetails.name"),
      cardType: readText(payment.cardType, "paymentDetails.cardType"),
      cardNumber: readText(payment.cardNumber, "paymentDetails.cardNumber"),
      expiration: readText(payment.expiration, "paymentDetails.expiration")
    }
  };
}
function readItems(value) {
  const place = "orderContents.items";
  if (!Array.isArray(value)) throw expected(place, "a list of items", value);
  if (value.length === 0) throw new OrderProblem(`Expected ${place} to hold at least one item, but it is empty.`);
  if (value.length > itemsMax) {
    throw new OrderProblem(`Expected ${place} to hold at most ${itemsMax} items, but it holds ${value.length}.`);
  }
  return value.map((entry, index) => {
    const item = readObject(entry, `${place}[${index}]`);
    return {
      itemId: readText(item.itemId, `${place}[${index}].itemId`),
      price: readPrice(item.price, `${place}[${index}].price`),
      itemDescription: readText(item.itemDescription, `${place}[${index}].itemDescription`)
    };
  });
}
function readObject(value, place) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw expected(place, "an object", value);
  return { ...value };
}
function readText(value, place) {
  if (typeof value !== "string" || value.trim() === "") throw expected(place, "a text that is not empty", value);
  if (value.length > textLengthMax) {
    throw new OrderProblem(
      `Expected ${place} to have at most ${textLengthMax} characters, but it has ${value.length}.`
    );
  }
  return value;
}
function readPrice(value, place) {
  if (typeof value !== "number") throw expected(place, "a number", value);
  if (value >= 0 && value <= amountMax && toCents(value) / 100 === value) return value;
  throw new OrderProblem(
    `Expected ${place} to be from 0 to ${amountMax} with at most two decimals, but it is ${value}.`
  );
}
function toCents(amount) {
  return Math.round(amount * 100);
}
function expected(place, wanted, found) {
  return new OrderProblem(`Expected ${place} to be ${wanted}, but ${describe(found)}.`);
}
function describe(found) {
  if (found === void 0) return "it is missing";
  if (found === null) return "it is null";
  if (Array.isArray(found)) return "it is a list";
  if (typeof found === "string") return found.trim() === "" ? "it is empty" : "it is a text";
  return typeof found === "object" ? "it is an object" : `it is a ${typeof found}`;
}
// Annotate the CommonJS export names for ESM import in node:
0 && (module.exports = {
  checkOrder,
  handler
});
