// A table that can be sorted by its heads and shows more rows on demand. No import.

const LONGEST_LINE = 32

export function render({model}) {
  const root = document.createElement("div")
  root.className = "wrap"
  let sorted = {column: -1, descending: false}
  let shown = model.page_rows

  const draw = () => {
    const order = model.rows.map((_, index) => index)
    if (sorted.column >= 0) {
      const key = (index) => model.rows[index][sorted.column].sort
      order.sort((a, b) => compare(key(a), key(b), sorted.descending))
    }
    const table = document.createElement("table")
    if (model.caption) {
      const caption = table.createCaption()
      caption.textContent = model.caption
    }
    const head = table.createTHead().insertRow()
    model.columns.forEach((column, index) => {
      const cell = document.createElement("th")
      cell.scope = "col"
      if (column.numeric) { cell.className = "numeric" }
      const button = document.createElement("button")
      button.type = "button"
      button.textContent = column.title
      const active = sorted.column === index
      cell.setAttribute("aria-sort", active ? (sorted.descending ? "descending" : "ascending") : "none")
      button.addEventListener("click", () => {
        sorted = {column: index, descending: active ? !sorted.descending : Boolean(column.numeric)}
        draw()
        root.querySelectorAll("th button")[index].focus()
      })
      cell.append(button)
      head.append(cell)
    })
    const body = table.createTBody()
    for (const index of order.slice(0, shown)) {
      const row = body.insertRow()
      model.rows[index].forEach((value, column) => row.append(cell_of(value, model.columns[column])))
    }
    const scroller = document.createElement("div")
    scroller.className = "scroller"
    scroller.tabIndex = 0
    scroller.setAttribute("role", "region")
    scroller.setAttribute("aria-label", model.caption || "Table")
    scroller.append(table)
    root.replaceChildren(scroller)
    if (order.length > shown) {
      const more = document.createElement("button")
      more.type = "button"
      more.className = "more"
      more.textContent = `Show more (${shown} of ${order.length} rows)`
      more.addEventListener("click", () => { shown += 4 * model.page_rows; draw() })
      root.append(more)
    }
  }

  model.on("rows", () => { shown = model.page_rows; draw() })
  model.on("columns", () => { sorted = {column: -1, descending: false}; draw() })
  draw()
  return root
}

function cell_of(value, column) {
  const cell = document.createElement("td")
  if (column.numeric) { cell.className = "numeric" }
  cell.classList.add(value.text.length <= LONGEST_LINE ? "short" : "long")
  if (column.code) { cell.classList.add("code") }
  let holder = cell
  if (value.tone) {
    holder = document.createElement("span")
    holder.className = `pill ${value.tone}`
    cell.append(holder)
  }
  if (value.href && /^https?:\/\//.test(value.href)) {
    const link = document.createElement("a")
    link.href = value.href
    link.rel = "noreferrer"
    link.target = "_blank"
    link.textContent = value.text
    holder.append(link)
  } else {
    holder.append(value.text)
  }
  if (value.title) { cell.title = value.title }
  return cell
}

function compare(a, b, descending) {
  const missing = (value) => value === null || value === undefined || value === ""
  if (missing(a) || missing(b)) { return Number(missing(a)) - Number(missing(b)) }
  const order = typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b))
  return descending ? -order : order
}
