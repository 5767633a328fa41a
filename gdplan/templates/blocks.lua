-- From an executed notebook to a document: code and plain outputs go, HTML outputs become blocks.
local function has(classes, word)
  for _, c in ipairs(classes) do if c == word then return true end end
  return false
end

local function html_blocks(text)
  return pandoc.read(text, 'html+raw_html').blocks
end

local function blocks_of(output)
  local kept = pandoc.List()
  for _, block in ipairs(output.content) do
    if block.t == 'RawBlock' and block.format == 'html' then
      kept:extend(html_blocks(block.text))
    end
  end
  return kept
end

function Div(div)
  if has(div.classes, 'output') then return blocks_of(div) end
  if has(div.classes, 'code') and has(div.classes, 'cell') then
    local kept = pandoc.List()
    for _, block in ipairs(div.content) do
      if block.t == 'Div' or block.t ~= 'CodeBlock' then kept:insert(block) end
    end
    return kept
  end
  if has(div.classes, 'markdown') and has(div.classes, 'cell') then return div.content end
end
