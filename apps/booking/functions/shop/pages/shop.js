// The shop's page: three views by the part of the address after #, plain DOM, and one loop that looks how an order stands.

const page = document.getElementById('page');
/** Between two looks at an order that is under way. */
const LOOK_MS = 600;
/** So many looks in a row may fail before the page says so. */
const FAILED_LOOKS_MAX = 5;

const DEMO_CARDS = [
  ['card-visa', 'Visa, is charged'],
  ['card-declined', 'Visa, is declined'],
  ['card-empty', 'Mastercard, not covered'],
  ['card-silent', 'a card whose bank does not answer'],
];

/** What a customer sees of the states of the process, in order. */
const PURCHASE_STEPS = [
  ['Order received', ['Check Purchase', 'Read Catalogue', 'Purchase Handler']],
  ['Reserved for you', ['Reserve']],
  ['Payment', ['Charge Customer']],
  ['Booked', ['Book Purchase', 'Audit Purchase', 'Purchase Done']],
  ['Confirmed by mail', ['Result Handler', 'Tell Customer', 'Outcome']],
];
const REFUND_STEPS = [
  ['Request checked', ['Check Refund', 'Read Order', 'Refund Handler', 'Claim Refund']],
  ['Looked at by a person', ['Needs Approval', 'Ask for Approval', 'Is It Approved']],
  [
    'Money sent back',
    ['Refund Payment', 'Book Refund', 'Update Order', 'Mark Partly Refunded', 'Audit Refund', 'Refund Done'],
  ],
  ['Confirmed by mail', ['Result Handler', 'Tell Customer', 'Outcome']],
];
const STATUS = {
  RESERVED: 'being paid',
  PAID: 'paid',
  PARTLY_REFUNDED: 'partly refunded',
  REFUNDED: 'refunded',
  CANCELLED: 'cancelled',
  UNDOING: 'being cancelled',
};

const basket = new Map();
let view = 0;

window.addEventListener('hashchange', show);
show();

async function show() {
  const mine = ++view;
  const [, name = '', id = ''] = location.hash.split('/').map(decodeURIComponent);
  const of = name === 'order' ? '#/orders' : `#/${name}`;
  for (const link of document.querySelectorAll('nav a'))
    link.toggleAttribute('aria-current', false) ||
      (link.getAttribute('href') === of && link.setAttribute('aria-current', 'page'));
  const isMine = () => mine === view;
  try {
    if (name === 'order') await showOrder(id, isMine);
    else if (name === 'orders') await showOrders(isMine);
    else await showCatalogue(isMine);
  } catch (error) {
    if (isMine()) page.replaceChildren(notice(error.message));
  }
}

// The catalogue and the basket

async function showCatalogue(isMine) {
  const { items } = await call('GET', 'api/catalogue');
  if (!isMine()) return;
  const summary = element('div', { class: 'card' });
  const redraw = () => summary.replaceChildren(orderForm(items));
  const list = element(
    'ul',
    { class: 'items' },
    items.map((item) => itemRow(item, redraw)),
  );
  redraw();
  page.replaceChildren(
    element('h1', {}, ['A few days by the lake']),
    element('p', { class: 'lead' }, ['Choose what you like; you can give it back within thirty days.']),
    items.length === 0
      ? element('p', { class: 'quiet' }, [
          'There is nothing in the catalogue yet. Fill it with: treadle run booking-fill-catalogue',
        ])
      : element('div', { class: 'shop' }, [list, summary]),
  );
}

function itemRow(item, redraw) {
  const output = element('output', {}, [String(basket.get(item.itemId) ?? 0)]);
  const change = (by) => {
    const count = Math.min(item.available, Math.max(0, (basket.get(item.itemId) ?? 0) + by));
    if (count === 0) basket.delete(item.itemId);
    else basket.set(item.itemId, count);
    output.textContent = String(count);
    redraw();
  };
  const isGone = item.available === 0;
  return element('li', { 'data-item': item.itemId }, [
    element('div', {}, [element('h2', {}, [item.title]), element('p', { class: 'quiet' }, [item.text])]),
    element('div', { class: 'price' }, [money(item.priceCents)]),
    element('p', { class: 'quiet' }, [
      isGone ? 'Booked out' : item.available < 10 ? `${item.available} left` : 'Available',
    ]),
    element('div', { class: 'amount' }, [
      button('−', () => change(-1), { 'aria-label': `One ${item.title} less`, disabled: isGone }),
      output,
      button('+', () => change(1), { 'aria-label': `One ${item.title} more`, disabled: isGone }),
    ]),
  ]);
}

function orderForm(items) {
  const lines = items.filter(({ itemId }) => basket.has(itemId));
  const total = lines.reduce((sum, { itemId, priceCents }) => sum + basket.get(itemId) * priceCents, 0);
  const problem = element('p', { class: 'notice', role: 'alert', hidden: true });
  const form = element('form', {}, [
    element('h2', {}, ['Your order']),
    lines.length === 0
      ? element('p', { class: 'quiet' }, ['Nothing chosen yet.'])
      : element(
          'dl',
          { class: 'facts' },
          lines.flatMap((line) => [
            element('dt', {}, [`${basket.get(line.itemId)} × ${line.title}`]),
            element('dd', {}, [money(basket.get(line.itemId) * line.priceCents)]),
          ]),
        ),
    field(
      'Customer',
      element('input', {
        name: 'customerId',
        required: true,
        autocomplete: 'username',
        pattern: '[A-Za-z0-9][A-Za-z0-9_\\-]{0,31}',
        title: 'Letters, digits, - and _',
        value: remembered('customerId'),
      }),
    ),
    field(
      'Mail',
      element('input', {
        name: 'email',
        type: 'email',
        required: true,
        autocomplete: 'email',
        value: remembered('email'),
      }),
    ),
    field(
      'Card',
      element(
        'select',
        { name: 'cardToken' },
        DEMO_CARDS.map(([value, text]) => element('option', { value }, [text])),
      ),
    ),
    element('p', { class: 'total' }, [element('span', {}, ['Total']), element('strong', {}, [money(total)])]),
    problem,
    element('button', { class: 'primary', disabled: lines.length === 0 }, ['Order and pay']),
  ]);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const given = Object.fromEntries(new FormData(form));
    remember(given);
    const chosen = lines.map(({ itemId }) => ({ itemId, quantity: basket.get(itemId) }));
    submit(form, problem, async () => {
      const { orderId } = await call('POST', 'api/orders', { ...given, items: chosen });
      basket.clear();
      location.hash = `#/order/${orderId}`;
    });
  });
  return form;
}

// One order, live

async function showOrder(orderId, isMine) {
  const status = element('div', { class: 'card stack' });
  const refund = element('div', { class: 'stack' });
  page.replaceChildren(element('h1', {}, ['Your order']), element('div', { class: 'stack' }, [status, refund]));
  let isOffered = false;
  await follow(isMine, async () => {
    const { order, progress } = await call('GET', `api/orders/${encodeURIComponent(orderId)}`);
    if (!isMine()) return true;
    status.replaceChildren(...orderParts(orderId, order, progress));
    const isOver = progress === null || progress.status !== 'RUNNING';
    if (isOver && !isOffered && ['PAID', 'PARTLY_REFUNDED'].includes(order?.status)) {
      isOffered = true;
      const redraw = (after, over) => status.replaceChildren(...orderParts(orderId, after, over));
      refund.replaceChildren(refundForm({ orderId, order, isMine, place: refund, redraw }));
    }
    return isOver;
  });
}

function orderParts(orderId, order, progress) {
  const parts = [element('p', { class: 'code' }, [orderId])];
  if (order !== null) parts.push(orderFacts(order));
  if (progress !== null) parts.push(stepsOf(PURCHASE_STEPS, progress), verdict(progress));
  return parts;
}

function orderFacts(order) {
  const rows = order.lines.map((line) => [`${line.quantity} × ${line.title}`, money(line.quantity * line.priceCents)]);
  rows.push(['Total', money(order.totalCents)]);
  if (order.refundedCents > 0) rows.push(['Refunded', `− ${money(order.refundedCents)}`]);
  rows.push(['Status', STATUS[order.status] ?? order.status]);
  return element(
    'dl',
    { class: 'facts' },
    rows.flatMap(([name, value]) => [element('dt', {}, [name]), element('dd', {}, [value])]),
  );
}

function stepsOf(steps, { states, status, outcome }) {
  const last = states.at(-1);
  const reached = steps.findLastIndex(([, names]) => names.some((name) => states.includes(name)));
  const isWell = status === 'SUCCEEDED' && ['purchased', 'refunded'].includes(outcome);
  const isOver = status !== 'RUNNING';
  return element(
    'ol',
    { class: 'steps' },
    steps.map(([text, names], index) => {
      const isNow = !isOver && names.includes(last);
      const isWrong = isOver && !isWell && index === reached && !states.includes(steps[index + 1]?.[1][0]);
      const kind = isNow ? 'now' : isWrong ? 'wrong' : index <= reached ? 'done' : '';
      return element('li', { class: kind, ...(isNow ? { 'aria-current': 'step' } : {}) }, [text]);
    }),
  );
}

function verdict({ status, outcome, note, states }) {
  if (status === 'RUNNING')
    return element('p', { class: 'quiet', role: 'status' }, [
      states.at(-1) === 'Ask for Approval' ? 'Somebody looks at your request. You get a mail.' : 'Under way …',
    ]);
  const isWell = ['purchased', 'refunded'].includes(outcome);
  return element('p', { class: isWell ? 'good' : 'bad', role: 'status' }, [note ?? status]);
}

/** `redraw` shows the order as it is after the refund. */
function refundForm({ orderId, order, isMine, place, redraw }) {
  const left = order.totalCents - order.refundedCents;
  const problem = element('p', { class: 'notice', role: 'alert', hidden: true });
  const form = element('form', { class: 'card' }, [
    element('h2', {}, ['Give it back']),
    field(
      'Amount',
      element('input', {
        name: 'amount',
        inputmode: 'decimal',
        required: true,
        pattern: '\\d+([.,]\\d{1,2})?',
        title: 'An amount, as 12.50',
        value: money(left),
      }),
    ),
    field('Why?', element('textarea', { name: 'reason', maxlength: 500 })),
    problem,
    element('button', {}, ['Ask for a refund']),
  ]);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const { amount, reason } = Object.fromEntries(new FormData(form));
    submit(form, problem, async () => {
      const amountCents = Math.round(Number(amount.replace(',', '.')) * 100);
      const { refundId } = await call('POST', `api/orders/${encodeURIComponent(orderId)}/refunds`, {
        amountCents,
        reason,
      });
      await showRefund(refundId, isMine, place);
      const { order: after, progress } = await call('GET', `api/orders/${encodeURIComponent(orderId)}`);
      if (isMine()) redraw(after, progress);
    });
  });
  return form;
}

async function showRefund(refundId, isMine, place) {
  const card = element('div', { class: 'card stack' });
  place.replaceChildren(card);
  await follow(isMine, async () => {
    const { progress } = await call('GET', `api/refunds/${refundId}`);
    if (!isMine() || progress === null) return !isMine();
    const steps = progress.states.includes('Ask for Approval')
      ? REFUND_STEPS
      : REFUND_STEPS.filter((_, index) => index !== 1);
    card.replaceChildren(element('h2', {}, ['Your refund']), stepsOf(steps, progress), verdict(progress));
    return progress.status !== 'RUNNING';
  });
}

// A customer's orders

async function showOrders(isMine) {
  const list = element('div', {});
  const input = element('input', {
    name: 'customerId',
    required: true,
    pattern: '[A-Za-z0-9][A-Za-z0-9_\\-]{0,31}',
    title: 'Letters, digits, - and _',
    value: remembered('customerId'),
  });
  const problem = element('p', { class: 'notice', role: 'alert', hidden: true });
  const form = element('form', { class: 'card' }, [
    field('Customer', input),
    problem,
    element('button', {}, ['Show orders']),
  ]);
  const look = () =>
    submit(form, problem, async () => {
      remember({ customerId: input.value });
      const { orders } = await call('GET', `api/customers/${encodeURIComponent(input.value)}/orders`);
      if (isMine()) list.replaceChildren(ordersList(orders));
    });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    look();
  });
  page.replaceChildren(element('h1', {}, ['My orders']), element('div', { class: 'stack' }, [form, list]));
  if (input.value !== '') await look();
}

function ordersList(orders) {
  if (orders.length === 0) return element('p', { class: 'quiet' }, ['No orders yet.']);
  return element(
    'ul',
    { class: 'items' },
    orders.map((order) =>
      element('li', {}, [
        element('div', {}, [
          element('a', { href: `#/order/${order.orderId}` }, [order.lines.map(({ title }) => title).join(', ')]),
          element('p', { class: 'quiet' }, [
            `${new Date(order.placedAt).toLocaleString()} · ${STATUS[order.status] ?? order.status}`,
          ]),
        ]),
        element('div', { class: 'price' }, [money(order.totalCents)]),
      ]),
    ),
  );
}

// Parts

async function call(method, path, body) {
  const response = await fetch(path, {
    method,
    headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.message ?? `The shop answered ${response.status}.`);
  return answer;
}

/** Looks until `look` says that it is over or another view is shown. */
async function follow(isMine, look) {
  for (let failed = 0; isMine(); ) {
    try {
      if (await look()) return;
      failed = 0;
    } catch (error) {
      failed += 1;
      if (failed > FAILED_LOOKS_MAX) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

async function submit(form, problem, work) {
  const pressed = form.querySelector('button:last-of-type');
  pressed.disabled = true;
  problem.hidden = true;
  try {
    await work();
  } catch (error) {
    problem.textContent = error.message;
    problem.hidden = false;
  } finally {
    pressed.disabled = false;
  }
}

function element(name, attributes = {}, children = []) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes))
    if (typeof value === 'boolean') made.toggleAttribute(key, value);
    else if (value !== '') made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function button(text, press, attributes) {
  const made = element('button', { type: 'button', ...attributes }, [text]);
  made.addEventListener('click', press);
  return made;
}

const field = (text, input) => element('label', {}, [text, input]);
const notice = (text) => element('p', { class: 'notice', role: 'alert' }, [text]);
const money = (cents) => `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;

const remembered = (name) => localStorage.getItem(`shop.${name}`) ?? '';
function remember(values) {
  for (const name of ['customerId', 'email']) if (values[name]) localStorage.setItem(`shop.${name}`, values[name]);
}
