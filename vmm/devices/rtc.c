/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's time is the wall clock plus an offset. While the guest holds the clock (SET, or the
 * divider in reset) the ten time registers are plain bytes; when it lets go they become the offset.
 * Flags of register C are worked out from the time that has passed whenever somebody looks, and a
 * timer is set only for a flag that would be an interrupt and is not up yet: a guest that does not
 * read register C cannot make it fire again.
 *
 * Numbers come from the guest and are any byte; whatever is worked out from them holds for all 256.
 */
#include "vmm/devices/rtc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vmm/core/memmap.h"

#define CMOS_SIZE 128
#define SECOND 1000000000
#define UPDATE_LEAD 244000     /* nanoseconds from UIP to the update (data sheet, figure 15) */
#define TIME_MAX 1000000000000 /* seconds either way; bound of saved states */

enum rtc_register {
	SECONDS,
	SECONDS_ALARM,
	MINUTES,
	MINUTES_ALARM,
	HOURS,
	HOURS_ALARM,
	DAY_OF_WEEK,
	DAY,
	MONTH,
	YEAR,
	A,
	B,
	C,
	D,
	CENTURY = 0x32 /* CENTURY of the FADT */
};

#define A_UPDATING 0x80
#define A_DIVIDER 0x70
#define A_DIVIDER_RESET 0x60 /* and 0x70 */
#define A_RATE 0x0f
#define B_SET 0x80
#define B_PERIODIC 0x40
#define B_ALARM 0x20
#define B_UPDATE 0x10
#define B_SQUARE 0x08
#define B_BINARY 0x04
#define B_24H 0x02
#define C_IRQ 0x80
#define C_FLAGS 0x70 /* in the places of their enable bits in B */
#define D_VALID 0x80
#define ALARM_ANY 0xc0
#define HOUR_PM 0x80

struct moment {
	int64_t seconds; /* since 1970 */
	uint32_t ns;
};

struct rtc {
	struct device device; /* first */
	struct rtc_config config;
	struct loop_timer timer;
	struct moment offset;
	struct moment seen; /* flags are worked out up to here */
	uint8_t index;
	bool level;
	uint8_t cmos[CMOS_SIZE];
};

struct fields {
	int64_t year;
	unsigned int month; /* 1 to 12 */
	unsigned int day;
	unsigned int weekday; /* 1: Sunday */
	unsigned int hour;
	unsigned int minute;
	unsigned int second;
};

static int64_t floor_div(int64_t value, int64_t by)
{
	return value / by - (value % by < 0);
}

/* Days since 1970 of a day of the Gregorian calendar; month and day may be out of range. Years are
 * counted from March, so that the leap day is the last. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
	int64_t months = month - 3;
	int64_t from_march = year + floor_div(months, 12);
	int64_t place = months - 12 * floor_div(months, 12);

	return 365 * from_march + floor_div(from_march, 4) - floor_div(from_march, 100) +
	       floor_div(from_march, 400) + (153 * place + 2) / 5 + day - 719469;
}

static void break_down(int64_t seconds, struct fields *ret_fields)
{
	int64_t days = floor_div(seconds, 86400);
	int64_t rest = seconds - days * 86400;
	int64_t year = 1970 + floor_div(days * 400, 146097);
	int64_t month = 12;

	/* The guess is off by one at most. */
	if (days_of(year + 1, 1, 1) <= days)
		year++;
	if (days_of(year, 1, 1) > days)
		year--;
	while (days_of(year, month, 1) > days)
		month--;
	*ret_fields = (struct fields){
		.year = year,
		.month = (unsigned int)month,
		.day = (unsigned int)(days - days_of(year, month, 1)) + 1,
		.weekday = (unsigned int)(days + 4 - 7 * floor_div(days + 4, 7)) + 1,
		.hour = (unsigned int)(rest / 3600),
		.minute = (unsigned int)(rest / 60 % 60),
		.second = (unsigned int)(rest % 60),
	};
}

static uint8_t encode(const struct rtc *rtc, unsigned int value)
{
	return (uint8_t)(rtc->cmos[B] & B_BINARY ? value : value / 10 % 10 << 4 | value % 10);
}

static unsigned int decode(const struct rtc *rtc, uint8_t value)
{
	return rtc->cmos[B] & B_BINARY ? value : (value >> 4) * 10u + (value & 0x0f);
}

static uint8_t encode_hour(const struct rtc *rtc, unsigned int hour)
{
	if (rtc->cmos[B] & B_24H)
		return encode(rtc, hour);
	return encode(rtc, (hour + 11) % 12 + 1) | (hour >= 12 ? HOUR_PM : 0);
}

static unsigned int decode_hour(const struct rtc *rtc, uint8_t value)
{
	if (rtc->cmos[B] & B_24H)
		return decode(rtc, value);
	return decode(rtc, value & (uint8_t)~HOUR_PM) % 12 + (value & HOUR_PM ? 12 : 0);
}

static bool is_held(const struct rtc *rtc)
{
	return rtc->cmos[B] & B_SET || (rtc->cmos[A] & A_DIVIDER_RESET) == A_DIVIDER_RESET;
}

static struct moment add(struct moment left, struct moment right)
{
	uint32_t ns = left.ns + right.ns;

	return (struct moment){ left.seconds + right.seconds + (ns >= SECOND), ns % SECOND };
}

static struct moment wall(const struct rtc *rtc)
{
	int64_t now = rtc->config.wall(rtc->config.context);
	int64_t seconds = floor_div(now, SECOND);

	return (struct moment){ seconds, (uint32_t)(now - seconds * SECOND) };
}

static struct moment guest_time(const struct rtc *rtc)
{
	return add(wall(rtc), rtc->offset);
}

/* Let the guest's time be `wanted` now. */
static void set_time(struct rtc *rtc, struct moment wanted)
{
	struct moment now = wall(rtc);
	uint32_t ns = wanted.ns + SECOND - now.ns;

	rtc->offset.seconds = wanted.seconds - now.seconds - (ns < SECOND);
	rtc->offset.ns = ns % SECOND;
}

/* The time into its registers, as the guest sees them. */
static void fill_registers(struct rtc *rtc, int64_t seconds)
{
	struct fields fields;

	break_down(seconds, &fields);
	rtc->cmos[SECONDS] = encode(rtc, fields.second);
	rtc->cmos[MINUTES] = encode(rtc, fields.minute);
	rtc->cmos[HOURS] = encode_hour(rtc, fields.hour);
	rtc->cmos[DAY_OF_WEEK] = encode(rtc, fields.weekday);
	rtc->cmos[DAY] = encode(rtc, fields.day);
	rtc->cmos[MONTH] = encode(rtc, fields.month);
	rtc->cmos[YEAR] = encode(
	    rtc, (unsigned int)(fields.year - 100 * floor_div(fields.year, 100)));
	rtc->cmos[CENTURY] = encode(
	    rtc, (unsigned int)(floor_div(fields.year, 100) - 100 * floor_div(fields.year, 10000)));
}

static int64_t read_registers(const struct rtc *rtc)
{
	int64_t days = days_of(
	    decode(rtc, rtc->cmos[CENTURY]) * 100 + (int64_t)decode(rtc, rtc->cmos[YEAR]),
	    decode(rtc, rtc->cmos[MONTH]), decode(rtc, rtc->cmos[DAY]));

	return days * 86400 + decode_hour(rtc, rtc->cmos[HOURS]) * (int64_t)3600 +
	       decode(rtc, rtc->cmos[MINUTES]) * (int64_t)60 + decode(rtc, rtc->cmos[SECONDS]);
}

static bool is_later(struct moment left, struct moment right)
{
	return left.seconds > right.seconds ||
	       (left.seconds == right.seconds && left.ns > right.ns);
}

/* An alarm register: -1 any, -2 never, else its number. */
static int alarm_of(const struct rtc *rtc, enum rtc_register which, unsigned int limit)
{
	uint8_t value = rtc->cmos[which];
	unsigned int number;

	if ((value & ALARM_ANY) == ALARM_ANY)
		return -1;
	number = which == HOURS_ALARM ? decode_hour(rtc, value) : decode(rtc, value);
	return number < limit ? (int)number : -2;
}

/* The first second after `after` that the alarm stands for; false: there is none. */
static bool next_alarm(const struct rtc *rtc, int64_t after, int64_t *ret_seconds)
{
	int hour = alarm_of(rtc, HOURS_ALARM, 24);
	int minute = alarm_of(rtc, MINUTES_ALARM, 60);
	int second = alarm_of(rtc, SECONDS_ALARM, 60);
	int64_t day = floor_div(after, 86400) * 86400;

	if (hour == -2 || minute == -2 || second == -2)
		return false;
	for (int h = 0; h < 48; h++) {
		int64_t at_hour = day + (int64_t)h * 3600;

		if ((hour >= 0 && h % 24 != hour) || at_hour + 3599 <= after)
			continue;
		for (int m = 0; m < 60; m++) {
			int64_t at = at_hour + (int64_t)m * 60;

			if ((minute >= 0 && m != minute) || at + 59 <= after)
				continue;
			at = second >= 0 ? at + second : at > after ? at : after + 1;
			if (at <= after)
				continue;
			*ret_seconds = at;
			return true;
		}
	}
	return false;
}

/* Periods are powers of two of the 32768 Hz crystal (data sheet, table 5); 0: none. */
static uint32_t period(const struct rtc *rtc)
{
	unsigned int rate = rtc->cmos[A] & A_RATE;

	if (rate == 0)
		return 0;
	return 1u << (rate < 3 ? rate + 6 : rate - 1);
}

/* The end of the period that `after` is in. */
static struct moment next_period(struct moment after, uint32_t ticks)
{
	uint64_t tick = (uint64_t)after.ns * 32768 / SECOND / ticks * ticks + ticks;
	struct moment next = { after.seconds, 0 };

	if (tick >= 32768)
		next.seconds++;
	else
		next.ns = (uint32_t)((tick * SECOND + 32767) / 32768);
	return next;
}

/* When `flag` goes up next, seen from `after`; false: never. */
static bool next_event(
    const struct rtc *rtc, uint8_t flag, struct moment after, struct moment *ret_moment)
{
	*ret_moment = (struct moment){ after.seconds + 1, 0 };
	if (flag == B_UPDATE)
		return true;
	if (flag == B_ALARM)
		return next_alarm(rtc, after.seconds, &ret_moment->seconds);
	if (period(rtc) == 0)
		return false;
	*ret_moment = next_period(after, period(rtc));
	return true;
}

static void update_line(struct rtc *rtc)
{
	bool level = rtc->cmos[C] & rtc->cmos[B] & C_FLAGS;

	rtc->cmos[C] = (uint8_t)((rtc->cmos[C] & C_FLAGS) | (level ? C_IRQ : 0));
	if (level == rtc->level)
		return;
	rtc->level = level;
	irq_line_set(&rtc->config.irq, level);
}

/* Flags for what has come to pass since the last time. */
static void catch_up(struct rtc *rtc)
{
	struct moment now = guest_time(rtc);

	if (!is_held(rtc)) {
		for (uint8_t flag = B_UPDATE; flag <= B_PERIODIC; flag = (uint8_t)(flag << 1)) {
			struct moment event;

			if (!(rtc->cmos[C] & flag) && next_event(rtc, flag, rtc->seen, &event) &&
			    !is_later(event, now))
				rtc->cmos[C] |= flag;
		}
	}
	rtc->seen = now;
	update_line(rtc);
}

/* For the first interrupt to come. */
static void set_timer(struct rtc *rtc)
{
	struct moment first = { 0 };
	bool any = false;

	loop_timer_cancel(&rtc->timer);
	if (is_held(rtc))
		return;
	for (uint8_t flag = B_UPDATE; flag <= B_PERIODIC; flag = (uint8_t)(flag << 1)) {
		struct moment event;

		if (!(rtc->cmos[B] & flag) || rtc->cmos[C] & flag ||
		    !next_event(rtc, flag, rtc->seen, &event))
			continue;
		if (!any || is_later(first, event))
			first = event;
		any = true;
	}
	if (any)
		loop_timer_set(
		    &rtc->timer, loop_time(rtc->config.loop) +
				     (uint64_t)((first.seconds - rtc->seen.seconds) * SECOND +
						first.ns - rtc->seen.ns));
}

static void timer_fired(void *context)
{
	catch_up(context);
	set_timer(context);
}

static bool is_time(unsigned int index)
{
	return index == CENTURY || index == DAY_OF_WEEK || index == DAY || index == MONTH ||
	       index == YEAR || index == SECONDS || index == MINUTES || index == HOURS;
}

static uint8_t read_cmos(struct rtc *rtc, unsigned int index)
{
	uint8_t value;

	catch_up(rtc);
	if (is_time(index) && !is_held(rtc))
		fill_registers(rtc, rtc->seen.seconds);
	value = rtc->cmos[index];
	if (index == A && !is_held(rtc) && rtc->seen.ns >= SECOND - UPDATE_LEAD)
		value |= A_UPDATING;
	if (index == C) {
		rtc->cmos[C] = 0;
		update_line(rtc);
		set_timer(rtc);
	}
	return value;
}

/* A new value of A or B: holding begins with the time as it is, and ends with what was set. */
static void write_control(struct rtc *rtc, enum rtc_register which, uint8_t value)
{
	bool was_held = is_held(rtc);
	uint8_t divider = rtc->cmos[A] & A_DIVIDER;

	if (!was_held)
		fill_registers(rtc, rtc->seen.seconds);
	rtc->cmos[which] = value;
	if (was_held && !is_held(rtc)) {
		/* Out of the divider's reset the first update comes half a second later. */
		bool was_reset = (divider & A_DIVIDER_RESET) == A_DIVIDER_RESET;

		set_time(rtc, (struct moment){ read_registers(rtc),
				  was_reset ? SECOND / 2 : guest_time(rtc).ns });
		rtc->seen = guest_time(rtc);
	}
	update_line(rtc);
}

static void write_cmos(struct rtc *rtc, unsigned int index, uint8_t value)
{
	catch_up(rtc);
	if (index == A) {
		write_control(rtc, A, value & (uint8_t)~A_UPDATING);
	} else if (index == B) {
		/* SET stops the update interrupt (data sheet, register B). */
		write_control(rtc, B, value & B_SET ? value & (uint8_t)~B_UPDATE : value);
	} else if (is_time(index) && !is_held(rtc)) {
		fill_registers(rtc, rtc->seen.seconds);
		rtc->cmos[index] = value;
		set_time(rtc, (struct moment){ read_registers(rtc), rtc->seen.ns });
		rtc->seen = guest_time(rtc);
	} else if (index != C && index != D) {
		rtc->cmos[index] = value;
	}
	set_timer(rtc);
}

/* The index port reads as all ones, as on a PC. */
static uint64_t port_read(void *context, uint64_t offset, unsigned int size)
{
	struct rtc *rtc = context;

	if (offset == 1)
		return read_cmos(rtc, rtc->index);
	return size == 2 ? 0xff | (uint64_t)read_cmos(rtc, rtc->index) << 8 : 0xff;
}

static void port_write(void *context, uint64_t offset, unsigned int size, uint64_t value)
{
	struct rtc *rtc = context;

	if (offset == 0) {
		rtc->index = value & (CMOS_SIZE - 1); /* bit 7 masks NMI */
		value >>= 8;
	}
	if (offset == 1 || size == 2)
		write_cmos(rtc, rtc->index, (uint8_t)value);
}

static const struct io_ops port_ops = { port_read, port_write };

/* The battery keeps clock and memory; the reset pin clears what it clears (data sheet, RESET). */
static void rtc_reset(struct device *device)
{
	struct rtc *rtc = (struct rtc *)device;

	catch_up(rtc);
	rtc->index = 0;
	rtc->cmos[B] &= (uint8_t) ~(B_PERIODIC | B_ALARM | B_UPDATE | B_SQUARE);
	rtc->cmos[C] = 0;
	update_line(rtc);
	set_timer(rtc);
}

static bool rtc_pause(struct device *device)
{
	struct rtc *rtc = (struct rtc *)device;

	loop_timer_cancel(&rtc->timer);
	return true;
}

static void rtc_resume(struct device *device)
{
	timer_fired(device);
}

static void rtc_save(struct device *device, struct state_writer *writer)
{
	const struct rtc *rtc = (const struct rtc *)device;

	state_begin(writer, device->ops->name, device->id, 1);
	state_put(writer, "offset", (uint64_t)(rtc->offset.seconds + TIME_MAX));
	state_put(writer, "offset-ns", rtc->offset.ns);
	state_put(writer, "seen", (uint64_t)(rtc->seen.seconds + TIME_MAX));
	state_put(writer, "seen-ns", rtc->seen.ns);
	state_put(writer, "index", rtc->index);
	state_put_bytes(writer, "cmos", rtc->cmos, CMOS_SIZE);
	state_end(writer);
}

static int rtc_load(struct device *device, struct state_reader *reader)
{
	struct rtc *rtc = (struct rtc *)device;

	state_enter(reader, device->ops->name, device->id, 1);
	rtc->offset.seconds = (int64_t)state_get(reader, "offset", 2 * TIME_MAX) - TIME_MAX;
	rtc->offset.ns = (uint32_t)state_get(reader, "offset-ns", SECOND - 1);
	rtc->seen.seconds = (int64_t)state_get(reader, "seen", 2 * TIME_MAX) - TIME_MAX;
	rtc->seen.ns = (uint32_t)state_get(reader, "seen-ns", SECOND - 1);
	rtc->index = (uint8_t)state_get(reader, "index", CMOS_SIZE - 1);
	state_get_bytes(reader, "cmos", rtc->cmos, CMOS_SIZE);
	rtc->cmos[A] &= (uint8_t)~A_UPDATING;
	rtc->cmos[D] = D_VALID;
	if (reader->error)
		rtc->offset = (struct moment){ 0 };
	update_line(rtc);
	return state_leave(reader);
}

static void rtc_free(struct device *device)
{
	struct rtc *rtc = (struct rtc *)device;

	loop_timer_cancel(&rtc->timer);
	iobus_remove(rtc->config.ports, MEMMAP_PORT_RTC);
	free(rtc);
}

static const struct device_ops rtc_ops = {
	.name = "rtc",
	.reset = rtc_reset,
	.pause = rtc_pause,
	.resume = rtc_resume,
	.save = rtc_save,
	.load = rtc_load,
	.free = rtc_free,
};

int rtc_create(const struct rtc_config *config, struct device **ret_device)
{
	struct rtc *rtc = calloc(1, sizeof(*rtc));
	int result;

	if (!rtc)
		return -ENOMEM;
	rtc->device.ops = &rtc_ops;
	rtc->config = *config;
	loop_timer_init(&rtc->timer, config->loop, timer_fired, rtc);
	rtc->cmos[A] = 0x26; /* 32768 Hz, 1024 interrupts a second: as firmware leaves it */
	rtc->cmos[B] = B_24H;
	rtc->cmos[D] = D_VALID;
	rtc->seen = guest_time(rtc);
	result = iobus_add(config->ports, MEMMAP_PORT_RTC, 2, &port_ops, rtc);
	if (result) {
		free(rtc);
		return result;
	}
	*ret_device = &rtc->device;
	return 0;
}
