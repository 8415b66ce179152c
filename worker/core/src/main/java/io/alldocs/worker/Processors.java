package io.alldocs.worker;

import io.alldocs.worker.internal.context.ItemContext;
import io.alldocs.worker.internal.context.ItemProcessor;
import io.alldocs.worker.internal.jobs.BuiltInProcessors;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;

/** The processors of a worker, by type. Safe for concurrent use. */
final class Processors {
    private final Map<String, Processor> byType = new TreeMap<>();

    /**
     * Collects the built-in processors, then those found, then those passed to the builder; the last one of a type
     * wins.
     */
    Processors(List<Processor> added) {
        BuiltInProcessors.all().forEach(processor -> byType.put(processor.type(), new BuiltIn(processor)));
        ServiceLoader.load(Processor.class).forEach(processor -> byType.put(processor.type(), processor));
        added.forEach(processor -> byType.put(processor.type(), processor));
    }

    private record BuiltIn(ItemProcessor itself) implements Processor {
        @Override
        public String type() {
            return itself.type();
        }

        @Override
        public WorkResult process(WorkItem item, WorkContext context) throws InterruptedException {
            return itself.process(item, context.item());
        }
    }

    /** Returns the types of items that have a processor, in alphabetical order. */
    Set<String> types() {
        return Collections.unmodifiableSet(byType.keySet());
    }

    /**
     * Processes an item.
     *
     * @throws WorkException if no processor is registered for the item's type; also propagates what the processor
     *     throws
     */
    WorkResult process(WorkItem item, ItemContext context) throws InterruptedException {
        Processor processor = byType.get(item.type());
        if (processor == null) {
            throw WorkException.permanent(
                    "No processor is registered for type \"" + item.type() + "\"; the registered types are "
                            + byType.keySet() + ".",
                    null);
        }
        return processor.process(item, new WorkContext(context));
    }
}
