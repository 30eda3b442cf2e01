// The brand, the links to the pages, and what only a browser can do: the address bar, the
// title, the remembered theme. No import, so nothing is fetched.

const NARROW = "(max-width: 760px)"
const COOKIE = "path=/; max-age=31536000; SameSite=Lax"

export function render({model, view}) {
  const header = document.createElement("div")
  header.className = "shell"
  header.innerHTML = `
    <a class="skip" href="#main">Skip to the content</a>
    <a class="brand" href="/" aria-label="Joulehouse, overview">${model.brand_svg}<span>Joulehouse</span></a>
    <nav aria-label="Pages"></nav>`
  const nav = header.querySelector("nav")

  for (const page of model.pages) {
    const link = document.createElement("a")
    link.href = page.path
    link.dataset.page = page.id
    link.innerHTML = `${page.icon}<span>${page.title}</span>`
    nav.append(link)
  }

  const open = (id) => (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0) {
      return
    }
    event.preventDefault()
    if (model.page !== id) { model.page = id }
  }
  for (const link of nav.children) { link.addEventListener("click", open(link.dataset.page)) }
  header.querySelector(".brand").addEventListener("click", open(model.pages[0].id))
  header.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault()
    const main = find_main()
    if (main) { main.tabIndex = -1; main.focus() }
  })

  const mark = () => {
    for (const link of nav.children) {
      if (link.dataset.page === model.page) {
        link.setAttribute("aria-current", "page")
      } else {
        link.removeAttribute("aria-current")
      }
    }
    document.title = model.document_title
  }

  // A change of page is a step in the history, a change of a filter is not.
  let shown_page = model.page
  const show_url = () => {
    if (!model.url || model.url === location.pathname + location.search) { return }
    const step = shown_page !== model.page
    shown_page = model.page
    history[step ? "pushState" : "replaceState"]({}, "", model.url)
  }

  // The theme belongs to the page around this component; here it is only remembered.
  const page = view.root.model.data
  const remember_theme = () => {
    document.cookie = `joulehouse_theme=${page.dark_theme ? "dark" : "light"}; ${COOKIE}`
    document.documentElement.style.colorScheme = page.dark_theme ? "dark" : "light"
  }

  const resized = () => {
    model.narrow = matchMedia(NARROW).matches
    document.cookie = `joulehouse_narrow=${model.narrow ? "yes" : "no"}; ${COOKIE}`
  }
  const back = () => location.reload()

  // What is told to the server before it knows that the page is ready would be lost.
  const ready = () => {
    if (!document.cookie.includes("joulehouse_theme=")) {
      page.dark_theme = matchMedia("(prefers-color-scheme: dark)").matches
    }
    remember_theme()
    resized()
    show_url()
  }

  model.on("page", () => { mark(); find_main()?.scrollTo({top: 0}) })
  model.on("document_title", mark)
  model.on("url", show_url)
  page.properties.dark_theme.change.connect(remember_theme)
  addEventListener("popstate", back)
  matchMedia(NARROW).addEventListener("change", resized)
  const bokeh = view.model.document
  if (bokeh.is_idle) { setTimeout(ready) } else { bokeh.idle.connect(() => setTimeout(ready)) }
  model.on("remove", () => {
    removeEventListener("popstate", back)
    matchMedia(NARROW).removeEventListener("change", resized)
  })

  mark()
  return header
}

function find_main(root = document) {
  const found = root.querySelector(".main-content")
  if (found) { return found }
  for (const element of root.querySelectorAll("*")) {
    const inner = element.shadowRoot && find_main(element.shadowRoot)
    if (inner) { return inner }
  }
  return null
}
