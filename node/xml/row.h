/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the one table of libvirt's domain XML is made of (node/xml/table): which element or
 * attribute is which key of [guest], and what becomes of the others. node/xml/domain writes XML by
 * it, node/xml/define reads XML by it, and docs/domain-xml.md is tested against it.
 *
 * A group stands for an element that becomes one value of a key ("devices/disk" for "disk"), or for
 * the domain itself; its rows say what is in it. Rows stand in the order in which XML is written:
 * an element's attributes come before what is in it.
 */
#ifndef BERTH_NODE_XML_ROW_H
#define BERTH_NODE_XML_ROW_H

#include "conf/schema.h"
#include "node/xml/disks.h"
#include "xml/write.h"
#include "xml/read.h"

#define XML_NAME 32 /* of an element in the table */

struct xml_reading;
struct xml_writing;
struct xml_row;

/* How the text of a value in the file differs from that in XML. */
struct xml_form {
	/* From XML, with `value` NULL when it is not there (see `absent`). What stays empty is not
	 * said. False: refused, with the reason told by xml_refuse(). */
	bool (*read)(struct xml_reading *reading, const struct xml_row *row, struct xml_element *of,
	    const char *value, struct buf *ret_text);
	/* To XML; `text` is the field's, "" when it says nothing. False: nothing to write. */
	bool (*write)(struct xml_writing *writing, const struct xml_row *row, const char *text,
	    struct buf *ret_value);
	/* Or writes elements itself, as many as it takes. */
	void (*emit)(struct xml_writing *writing, const struct xml_row *row);
	bool absent;   /* not to be there says something */
	bool presence; /* an element without content */
};

enum xml_fate {
	XML_MAP,
	XML_GROUP,
	XML_KEEP,   /* kept beside the file, and comes back */
	XML_IGNORE, /* says nothing that counts */
	XML_REFUSE,
};

struct xml_word {
	const char *file; /* NULL: for reading XML only */
	const char *xml;
};

struct xml_row {
	const char *path; /* "driver@cache", "@type", "readonly"; below the group's element */
	const char *note;
	enum xml_fate fate;
	union {
		struct {
			/* Of the group's key; the key itself in the domain's group; or NULL. */
			const char *field;
			const struct xml_form *form;
			const struct xml_word *words; /* ends with a row without xml */
		};
		const struct xml_group *group; /* of XML_GROUP */
	};
};

#define XML_ROW(of, to, how, ...)                                                                  \
	{                                                                                          \
		.path = of, .field = to, .form = how, ##__VA_ARGS__                                \
	}

/* A row of what is refused, and why. */
#define XML_NOT(of, why)                                                                           \
	{                                                                                          \
		.path = of, .fate = XML_REFUSE, .note = why                                        \
	}

struct xml_group {
	const char *key;    /* NULL: the guest */
	const char *pick;   /* attribute that tells it from others of its element */
	const char *picked; /* what that is; an element without it is of the first group */
	const struct xml_row *rows;
	const struct xml_row *more; /* behind them, or NULL */
	/* What is not in the attributes alone; NULL: nothing. False: refused. */
	bool (*begin)(struct xml_reading *reading, struct xml_element *of);
	/* To be kept as it stands, for now. NULL: never. */
	bool (*left)(struct xml_reading *reading, const struct xml_element *of);
	/* Of what XML has: a name that outlives changes of the file; NULL: its number. */
	const char *(*identity)(const struct xml_element *of);
	/* The same of what the file has. */
	void (*identity_of)(struct xml_writing *writing, struct buf *ret_name);
	bool always;				     /* written even if the file says nothing */
	bool (*wanted)(struct xml_writing *writing); /* NULL: yes */
};

/* One XML on its way into a section. */
struct xml_reading {
	const struct conf_model *model; /* in force */
	const struct conf_guest *old;	/* what is redefined, or NULL */
	struct arena *arena;
	struct xml_element *root;
	struct buf section;
	const char **paths; /* of the section's lines */
	unsigned int lines;
	int code; /* of the refusal: enum rpc_error_code */
	struct buf why;
};

/* One guest on its way into XML. */
struct xml_writing {
	struct xml xml;
	const struct conf_model *model;
	const struct driver_guest *guest;
	unsigned int flags;
	const void *object; /* what the rows are of */
	const struct conf_key *keys;
	unsigned int index;			       /* of the object in its list */
	const struct xml_element *kept[XML_DEPTH + 1]; /* parts of the elements that are open */
	char open[XML_DEPTH + 1][XML_NAME];
	unsigned int depth;
	unsigned int base; /* depth of the element that the rows are of */
	const char *parts; /* the text that `kept` is of */
};

#endif
