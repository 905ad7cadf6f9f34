/* poll.c - the slow path of a poll in compiled code.
 *
 * Compiled loops read naja_poll_word.  Someone sets it when the program may have to stop: boundary/'s ticker
 * while a call runs on the main thread, or a parallel region that is being cancelled.  The word is only a
 * hint that costs one load; what is really wanted is found out here.
 */
#include "runtime/runtime.h"

_Atomic int32_t naja_poll_word;
RuntimeHooks runtime_hooks;
_Atomic int32_t naja_python_wanted;

/* The region this thread works in, or one around it, is being abandoned. */
static bool is_cancelled(const Context *context) {
    for (const Context *c = context; c; c = c->parent)
        if (c->cancel && atomic_load_explicit(c->cancel, memory_order_relaxed)) return true;
    return false;
}

int32_t naja_poll(Context *context) {
    if (is_cancelled(context)) return STATUS_INTERRUPT;
    return runtime_hooks.check_signals ? runtime_hooks.check_signals(context) : STATUS_OK;
}

void naja_pin(MemoryBlock *block) {
    if (block && runtime_hooks.pin) runtime_hooks.pin(block);
}

int32_t naja_bridge_call(Context *context, int64_t site, const Slot *args, Slot *result) {
    return runtime_hooks.bridge_call(context, site, args, result);
}
