/* attributes.c - x.name.
 *
 *   of a Python object known at compile time (a module, a class): looked up now, a constant;
 *   of a value: a row "<space>.name@" reads it; rows "<space>.name" make it a bound method; a namedtuple has
 *   its fields; an @overload may define it.
 */
#include <stdio.h>

#include "infer/state.h"

static const Type *bound_method(Frame *fr, ValueId v, const Type *receiver, const char *name) {
    fr->site[v].form = FORM_TUPLE;
    return type_method(receiver, name);
}

static const Type *constant_attribute(Frame *fr, ValueId v, const Type *t, const char *name) {
    const char *owner = t->kind == TYPE_FUNCTION ? library_name_of(t->handle) : NULL;
    if (owner) {
        char full[160];
        uint32_t n;
        snprintf(full, sizeof full, "%s.%s", owner, name);
        library_rows(full, &n);
        if (n) return bound_method(fr, v, t, name);
    }
    Handle function, setter;
    bool plain_class = t->kind == TYPE_FUNCTION && object_nfields(t->handle) != UINT32_MAX;
    ClassMember member = plain_class ? object_class_member(t->handle, name, &function, &setter)
                                     : CLASS_NOTHING;
    if (member == CLASS_METHOD || member == CLASS_STATIC || member == CLASS_ALTERNATIVE)
        return bound_method(fr, v, t, name);
    Handle h = object_attribute(t->handle, name);
    if (!h && t->kind == TYPE_OBJECT && t->text)
        return site_error(fr, v, DIAG_NO_ATTRIBUTE, "Unknown attribute '%s' of '%s'", name, t->text);
    if (!h)
        return site_error(fr, v, DIAG_NO_ATTRIBUTE, "Unknown attribute '%s' of %s", name,
                          object_text(t->handle));
    const Type *value = object_type(h);
    if (!value)
        return site_error(fr, v, DIAG_UNSUPPORTED_CONSTANT, "%s cannot be used in compiled code",
                          object_text(h));
    fr->site[v].form = FORM_CONSTANT;
    fr->site[v].handle = h;
    return value;
}

static const Type *field_of_namedtuple(Frame *fr, ValueId v, const Type *t, const char *name) {
    for (uint32_t i = 0; i < t->nelem; i++) {
        const char *field = object_field(t->handle, i);
        if (!field || strcmp(field, name)) continue;
        fr->site[v].form = FORM_ITEM;
        fr->site[v].index = i;
        return t->elem[i];
    }
    if (strcmp(name, "_fields")) return NULL;
    fr->site[v].form = FORM_CONSTANT;
    fr->site[v].handle = object_attribute(t->handle, name);
    return object_type(fr->site[v].handle);
}

static const Type *instance_type_of(const Type *t) {
    t = type_base(t);
    if (t->kind == TYPE_OPTIONAL) t = t->elem[0];
    return t->kind == TYPE_INSTANCE ? t : NULL;
}

/* A plain value in the class of a jitclass, which is part of its identity. */
static const Type *class_constant(Frame *fr, ValueId v, const Type *instance, const char *name) {
    Handle constants = object_attribute(instance->handle, "_naja_constants");
    Handle h = constants ? object_attribute(constants, name) : 0;
    const Type *value = h ? object_type(h) : NULL;
    if (!value) return NULL;
    fr->site[v].form = FORM_CONSTANT;
    fr->site[v].handle = h;
    return value;
}

/* A member's value; what the class has under this name: a property, a method. */
static const Type *instance_attribute(Frame *fr, ValueId v, const Type *t, const Type *instance,
                                      const char *name) {
    const char *why = NULL;
    Handle function, setter;
    if (!type_layout(instance))
        return site_error(fr, v, DIAG_NO_ATTRIBUTE, "the members of %s are not defined yet", instance->name);
    if (type_member(instance, name)) return rows_try(fr, v, "instance.@", NULL, &why);
    switch (object_class_member(instance->handle, name, &function, &setter)) {
    case CLASS_PROPERTY: return function ? infer_function(fr, v, function, NULL) : NULL;
    case CLASS_METHOD:
    case CLASS_ALTERNATIVE:
    case CLASS_STATIC: return bound_method(fr, v, t, name);
    default: return class_constant(fr, v, instance, name);
    }
}

static const Type *set_instance_attribute(Frame *fr, ValueId v, const Type *instance, const char *name) {
    const char *why = NULL;
    Handle function, setter;
    const Type *t = NULL;
    if (type_member(instance, name)) t = rows_try(fr, v, "instance.@=", NULL, &why);
    else if (object_class_member(instance->handle, name, &function, &setter) == CLASS_PROPERTY && setter)
        t = infer_function(fr, v, setter, NULL);
    return t;
}

static const Type *try_space(Frame *fr, ValueId v, const char *space, const Type *t, const char *name) {
    char full[160];
    const char *why = NULL;
    uint32_t n;
    snprintf(full, sizeof full, "%s.%s@", space, name);
    const Type *value = rows_try(fr, v, full, NULL, &why);
    if (value || fr->site[v].error) return value;
    full[strlen(full) - 1] = '\0';
    library_rows(full, &n);
    return n ? bound_method(fr, v, t, name) : NULL;
}

/* What the class of a dataclass's instance or of a namedtuple has under a name that is no field's. */
static const Type *class_attribute(Frame *fr, ValueId v, const Type *t, const Type *plain, const char *name) {
    Handle function, setter, h;
    switch (object_class_member(plain->handle, name, &function, &setter)) {
    case CLASS_PROPERTY: return function ? infer_function(fr, v, function, NULL) : NULL;
    case CLASS_METHOD:
    case CLASS_ALTERNATIVE:
    case CLASS_STATIC: return bound_method(fr, v, t, name);
    case CLASS_NOTHING: break;
    }
    h = library_is_object(plain) && name[0] != '_' ? object_attribute(plain->handle, name) : 0;
    if (!h || object_is_function(h)) return NULL;
    fr->site[v].form = FORM_CONSTANT;
    fr->site[v].handle = h;
    return object_type(h);
}

static bool is_shared_field(const Type *t, const char *name) {
    const Type *fields = library_shared_fields(t);
    return fields && library_shared_field(fields, name) >= 0;
}

static const Type *value_attribute(Frame *fr, ValueId v, const Type *t, const char *name) {
    const Type *plain = t->kind == TYPE_ENUM ? t : type_base(t), *instance = instance_type_of(t);
    const Type *value = plain->kind == TYPE_NAMEDTUPLE ? field_of_namedtuple(fr, v, plain, name) : NULL;
    const char *space = library_type_name(plain), *no_reason = NULL;
    if (plain->kind == TYPE_EXCEPTION) value = exception_attribute(fr, v, plain, name);
    if (plain->kind == TYPE_CAUGHT) value = caught_attribute(fr, v, name);
    if (instance) value = instance_attribute(fr, v, t, instance, name);
    if (!value && is_shared_field(plain, name)) {
        value = rows_try(fr, v, "shared.@", NULL, &no_reason);
        if (value || fr->in->pending) return value;
    }
    if (!value && plain->kind == TYPE_NAMEDTUPLE && library_has_methods(plain))
        value = class_attribute(fr, v, t, plain, name);
    if (fr->site[v].error || fr->site[v].callee || fr->in->pending) return value;
    if (!value && plain->kind == TYPE_RECORD) value = rows_try(fr, v, "record.field@", NULL, &no_reason);
    if (value || fr->site[v].error) return value;
    if (!value) value = try_space(fr, v, space, t, name);
    if (!value && !fr->site[v].error && type_is_number(plain)) /* what all numbers share */
        value = try_space(fr, v, "number", t, name);
    if (value || fr->site[v].error) return value;
    char full[160];
    snprintf(full, sizeof full, "%s.%s@", space, name);
    value = infer_overload(fr, v, full, 0, NULL);
    if (value || fr->site[v].error || fr->site[v].callee) return value;
    if (plain->kind == TYPE_PYOBJECT) return infer_object_use(fr, v, OBJECT_ATTRIBUTE, name, NULL);
    return plain->kind == TYPE_ARRAY ? rows_try(fr, v, "record.field@", NULL, &no_reason) : NULL;
}

static bool is_only_called(const Frame *fr, ValueId v) {
    uint32_t ncalls = 0;
    for (uint32_t i = fr->user_begin[v]; i < fr->user_begin[v + 1]; i++) {
        const Inst *user = inst_at(fr->f, fr->user[i]);
        if (user->block == NO_BLOCK) continue; /* a phi that turned out to be trivial */
        if (user->op != OP_call || user->arg[0] != v) return false;
        ncalls++;
    }
    return ncalls > 0;
}

/* Leaves traces in the site, which the caller has to clear. */
bool attribute_exists(Frame *fr, ValueId v, const Type *t, const char *name) {
    if (t->kind == TYPE_OBJECT || t->kind == TYPE_FUNCTION) return constant_attribute(fr, v, t, name) != NULL;
    site_operands(fr, v, 1);
    return value_attribute(fr, v, t, name) || fr->site[v].callee;
}

/* super().name: what classes behind the one that the method stands in have under this name. */
static const Type *infer_super(Frame *fr, ValueId v, const Type *t, const char *name) {
    Handle function, setter, cls = object_own_class(fr->template->source->lender);
    const Type *plain = t->kind == TYPE_OPTIONAL ? t->elem[0] : t;
    if (!cls || !library_has_methods(plain))
        return site_error(fr, v, DIAG_NO_ATTRIBUTE,
                          "`super()` has no class here: it takes a method of a class");
    const char *behind = unit_name(fr->in->unit, arena_printf(&fr->in->unit->arena, ">%u.%s", cls, name));
    switch (object_class_member(plain->handle, behind, &function, &setter)) {
    case CLASS_PROPERTY:
        if (function) return infer_function(fr, v, function, NULL);
        break;
    case CLASS_METHOD:
    case CLASS_ALTERNATIVE:
    case CLASS_STATIC: return bound_method(fr, v, t, behind);
    case CLASS_NOTHING: break;
    }
    return site_error(fr, v, DIAG_NO_ATTRIBUTE, "'super' object has no attribute '%s'", name);
}

static bool is_super(const Frame *fr, ValueId v) {
    const Inst *i = inst_at(fr->f, v);
    const Inst *callee = i->op == OP_call && i->nargs ? inst_at(fr->f, i->arg[0]) : NULL;
    return callee && callee->op == OP_const_object && callee->imm.handle == library_object("builtins.super");
}

const Type *infer_getattr(Frame *fr, ValueId v) {
    const char *name = inst_at(fr->f, v)->imm.name;
    if (!site_args(fr, v)) return NULL;
    const Type *t = fr->site[v].operand[0].type;
    if (is_super(fr, inst_at(fr->f, v)->arg[0])) return infer_super(fr, v, t, name);
    if (t->kind == TYPE_OBJECT || t->kind == TYPE_FUNCTION) return constant_attribute(fr, v, t, name);
    const Type *value = value_attribute(fr, v, t, name);
    if (value || fr->site[v].error || fr->site[v].callee) return value;
    if (t->kind == TYPE_NONE)
        return site_error(fr, v, DIAG_NO_ATTRIBUTE, "Unknown attribute '%s' of type none", name);
    if (is_only_called(fr, v)) /* an @overload_method is found when the call shows its arguments */
        return bound_method(fr, v, t, name);
    return site_error(fr, v, DIAG_NO_ATTRIBUTE, "Unknown attribute '%s' of type %s", name, shown(fr, t));
}

/* A function of the class: the setter of a property, or what refuses to set the field of a frozen instance. */
static const Type *set_by_function(Frame *fr, ValueId v, const Type *plain, const char *name) {
    Handle function, setter = 0;
    bool is_property = object_class_member(plain->handle, name, &function, &setter) == CLASS_PROPERTY;
    if (!is_property) setter = object_frozen_refusal(plain->handle, name);
    return setter ? infer_function(fr, v, setter, NULL) : NULL;
}

/* x.name = value, x an instance of a dataclass.  The first assignment to an instance of a class, whose instances are values
 * up to then, shares them from then on: the function is to be compiled once more. */
static const Type *set_object_attribute(Frame *fr, ValueId v, const Type *plain, const char *name) {
    const char *why = NULL;
    bool frozen = !inst_at(fr->f, v)->sub && object_frozen_refusal(plain->handle, name);
    const Type *done = is_shared_field(plain, name) && !frozen ? rows_try(fr, v, "shared.@=", NULL, &why)
                                                               : set_by_function(fr, v, plain, name);
    if (done || fr->site[v].error || fr->site[v].callee || fr->in->pending) return done;
    bool is_field = false;
    for (uint32_t i = 0; i < plain->nelem && !is_field; i++)
        is_field = object_field(plain->handle, i) && !strcmp(object_field(plain->handle, i), name);
    if (!is_field || library_shared_fields(plain) || !object_share(plain->handle)) return NULL;
    return site_error(
        fr, v, DIAG_NO_ATTRIBUTE,
        "cannot set attribute '%s' of %s, which is kept by value: the container that it is in, or the "
        "function that gives it, is older than the first assignment to such an instance",
        name, shown(fr, plain));
}

const Type *infer_setattr(Frame *fr, ValueId v) {
    const char *name = inst_at(fr->f, v)->imm.name;
    char full[160];
    if (!site_args(fr, v)) return NULL;
    const Type *t = fr->site[v].operand[0].type;
    const char *why = NULL;
    if (instance_type_of(t)) {
        const Type *done = set_instance_attribute(fr, v, instance_type_of(t), name);
        if (done || fr->site[v].error || fr->site[v].callee || fr->in->pending) return done;
    }
    if (library_is_object(type_base(t))) {
        const Type *done = set_object_attribute(fr, v, type_base(t), name);
        if (done || fr->site[v].error || fr->site[v].callee || fr->in->pending) return done;
    }
    snprintf(full, sizeof full, "%s.%s@=", library_type_name(t), name);
    const Type *value = rows_try(fr, v, full, NULL, &why);
    if (value || fr->site[v].error) return value;
    if (t->kind == TYPE_RECORD || type_is_array(t)) value = rows_try(fr, v, "record.field@=", NULL, &why);
    if (value || fr->site[v].error) return value;
    if (type_is_array(t)) { /* what is written in Python */
        snprintf(full, sizeof full, "naja.library.low.set_%s", name);
        value = infer_overload(fr, v, full, 0, NULL);
        if (value || fr->site[v].error || fr->site[v].callee || fr->in->pending) return value;
    }
    if (t->kind == TYPE_NAMEDTUPLE && !library_is_list(t))
        return site_error(fr, v, DIAG_NO_ATTRIBUTE, "cannot set attribute '%s' of %s: make a new one", name,
                          shown(fr, t));
    return site_error(fr, v, DIAG_NO_ATTRIBUTE, "cannot set attribute '%s' of %s", name, shown(fr, t));
}
