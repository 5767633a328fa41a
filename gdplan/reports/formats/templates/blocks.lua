-- From an executed notebook to a document: code and plain outputs go, HTML outputs become blocks,
-- cells tagged not-in-report go altogether.
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
  if div.classes:includes('output') then return blocks_of(div) end
  if not div.classes:includes('cell') then return nil end
  local tags = div.attributes.tags or ''
  if tags:find('not-in-report', 1, true) then return {} end
  if div.classes:includes('code') then
    return div.content:filter(function(block) return block.t ~= 'CodeBlock' end)
  end
  if div.classes:includes('markdown') then return div.content end
end
