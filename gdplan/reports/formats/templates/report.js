// The contents list, and sortable tables: a button in each header cell of a table of indicators.
(() => {
  // The contents list is open where it stands at the side, closed above the text on a phone.
  const contents = document.querySelector('#toc details');
  const wide = matchMedia('(min-width: 64rem)');
  const unfold = () => { contents.open = wide.matches; };
  wide.addEventListener('change', unfold);
  unfold();
  const label = document.querySelector('main').dataset.sortby;
  const number = (text) => {
    const found = text.replace(/,/g, '').match(/-?\d+(\.\d+)?/);
    return found ? parseFloat(found[0]) : NaN;
  };
  const compare = (a, b) => {
    const [x, y] = [number(a), number(b)];
    if (!isNaN(x) && !isNaN(y) && x !== y) return x - y;
    if (isNaN(x) !== isNaN(y)) return isNaN(x) ? 1 : -1;
    return a.localeCompare(b, document.documentElement.lang);
  };
  document.querySelectorAll('table[data-columns]').forEach((table) => {
    const body = table.tBodies[0];
    if (!body || body.rows.length < 3) return;
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, place) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = head.textContent;
      button.title = label;
      head.replaceChildren(button);
      button.addEventListener('click', () => {
        const up = head.getAttribute('aria-sort') !== 'ascending';
        heads.forEach((h) => h.removeAttribute('aria-sort'));
        head.setAttribute('aria-sort', up ? 'ascending' : 'descending');
        const rows = [...body.rows];
        const cell = (row) => row.cells[place].textContent.trim();
        rows.sort((a, b) => (up ? 1 : -1) * compare(cell(a), cell(b)));
        body.append(...rows);
      });
    });
  });
})();
