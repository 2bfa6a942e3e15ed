-- What `Bucket` does, in one step for all who share it. Known of the bucket is KEYS[1]; in flight are the requests in
-- KEYS[2], each with the end of its lease.
local command, capacity, rate = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local slot, seconds = ARGV[4], tonumber(ARGV[5])

local function text(number)
  return string.format('%.17g', number)
end

local known = redis.call('HMGET', KEYS[1], 'ended', 'drained', 'paused')
local ended, drained, paused = tonumber(known[1]) or 0, tonumber(known[2]) or now, tonumber(known[3]) or 0
if paused <= now then
  paused = 0
  drained = math.min(drained, now)  -- it is later only if the clock was set back
end

local function drain(moment)
  if moment > drained then
    ended = math.max(0, ended - (moment - drained) * rate)
    drained = moment
  end
end

-- Who held these has died: they count as finished at the end of their lease.
local dead = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', text(now), 'WITHSCORES')
for i = 2, #dead, 2 do
  drain(tonumber(dead[i]))
  ended = ended + 1
end
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', text(now))
drain(now)

for i = 6, #ARGV do
  ended = ended + redis.call('ZREM', KEYS[2], ARGV[i])
end

local wait = 0
if command == 'take' then
  local lacking = 0
  if not redis.call('ZSCORE', KEYS[2], slot) then  -- it is there if it was taken before, and the response was lost
    lacking = 1 + redis.call('ZCARD', KEYS[2]) + ended - capacity
  end
  if now < paused then
    wait = paused - now
  elseif lacking > 1e-6 then  -- seconds do not add up exactly
    wait = lacking / rate  -- no slot can come earlier: what ends meanwhile has to drain as well
  else
    redis.call('ZADD', KEYS[2], text(now + seconds), slot)
  end
elseif command == 'forget' then
  redis.call('ZREM', KEYS[2], slot)
elseif command == 'pause' then
  paused = math.max(paused, now + seconds)
  ended = math.max(ended, capacity - 1 - redis.call('ZCARD', KEYS[2]))
  drained = paused
end

-- Nothing is left in Redis once there is nothing left to know.
local last = redis.call('ZRANGE', KEYS[2], -1, -1, 'WITHSCORES')
local over = math.max(now, paused, tonumber(last[2]) or 0) + (ended + redis.call('ZCARD', KEYS[2])) / rate
local left = text(math.ceil((over - now) * 1000) + 1000)
redis.call('HSET', KEYS[1], 'ended', text(ended), 'drained', text(drained), 'paused', text(paused))
redis.call('PEXPIRE', KEYS[1], left)
redis.call('PEXPIRE', KEYS[2], left)
return text(wait)
