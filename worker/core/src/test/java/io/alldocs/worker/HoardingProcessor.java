package io.alldocs.worker;

import java.util.ArrayList;
import java.util.List;

/** What ServiceLoader finds in these tests: its items fill the heap of whoever takes them, for good. */
public final class HoardingProcessor implements Processor {
    static final String TYPE = "hoard";

    /** For ServiceLoader. */
    public HoardingProcessor() {}

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public WorkResult process(WorkItem item, WorkContext context) {
        List<byte[]> hoard = new ArrayList<>();
        while (hoard.size() < Integer.MAX_VALUE) {
            hoard.add(new byte[100_000]);
        }
        return WorkResult.of(hoard.size());
    }
}
