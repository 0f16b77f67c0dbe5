/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/virsh/table.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS 12

struct table {
	unsigned int columns;
	size_t widths[COLUMNS]; /* of the cells */
	const char *const *titles;
	char **cells;
	size_t count;
	size_t room;
};

/* Characters of UTF-8, each one column wide. */
static size_t width_of(const char *text)
{
	size_t width = 0;

	for (; *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

struct table *table_create(const char *const *titles)
{
	struct table *table = calloc(1, sizeof(*table));

	if (!table)
		return NULL;
	table->titles = titles;
	while (titles[table->columns] && table->columns < COLUMNS)
		table->columns++;
	return table;
}

void table_free(struct table *table)
{
	if (!table)
		return;
	for (size_t i = 0; i < table->count; i++)
		free(table->cells[i]);
	free(table->cells);
	free(table);
}

void table_add(struct table *table, const char *cell)
{
	size_t width = width_of(cell);
	size_t column;

	if (!table)
		return;
	if (table->count == table->room) {
		size_t room = table->room ? table->room * 2 : 64;
		char **cells = realloc(table->cells, room * sizeof(*cells));

		if (!cells)
			return;
		table->cells = cells;
		table->room = room;
	}
	column = table->count % table->columns;
	if (width > table->widths[column])
		table->widths[column] = width;
	table->cells[table->count] = strdup(cell);
	if (table->cells[table->count])
		table->count++;
}

void table_add_format(struct table *table, const char *format, ...)
{
	char cell[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(cell, sizeof(cell), format, arguments);
	va_end(arguments);
	table_add(table, cell);
}

static void print_row(const struct table *table, const size_t *widths, const char *const *cells)
{
	for (unsigned int i = 0; i < table->columns; i++) {
		printf(" %s", cells[i]);
		if (i + 1 < table->columns)
			printf("%*s", (int)(widths[i] - width_of(cells[i]) + 2), "");
	}
	putchar('\n');
}

void table_print(const struct table *table, bool bare)
{
	const char *cells[COLUMNS];
	size_t widths[COLUMNS] = { 0 };

	if (!table)
		return;
	for (unsigned int i = 0; i < table->columns; i++) {
		size_t title = bare ? 0 : width_of(table->titles[i]);

		widths[i] = title > table->widths[i] ? title : table->widths[i];
	}
	if (!bare) {
		print_row(table, widths, table->titles);
		for (unsigned int i = 0; i < table->columns; i++)
			for (size_t dash = 0; dash < widths[i] + 3; dash++)
				putchar('-');
		putchar('\n');
	}
	for (size_t i = 0; i + table->columns <= table->count; i += table->columns) {
		for (unsigned int column = 0; column < table->columns; column++)
			cells[column] = table->cells[i + column];
		print_row(table, widths, cells);
	}
}
