package io.alldocs.examples.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;

/** The measurements: samples of each figure for each contender, and ratios of the medians. Not thread-safe. */
final class Figures {
    private final Map<String, Map<String, List<Double>>> samples = new LinkedHashMap<>();
    private final List<Ratio> ratios = new ArrayList<>();

    /** @param wanted minimum target for the ratio; 0 for no target */
    private record Ratio(String figure, String above, String below, double wanted) {

        String label() {
            return figure + ", " + above + " / " + below;
        }
    }

    void add(String figure, String contender, double value) {
        samples.computeIfAbsent(figure, name -> new LinkedHashMap<>())
                .computeIfAbsent(contender, name -> new ArrayList<>())
                .add(value);
    }

    /** Adds the ratio of two contenders to the report, if both were measured. */
    void compare(String figure, String above, String below, double wanted) {
        ratios.add(new Ratio(figure, above, below, wanted));
    }

    OptionalDouble median(String figure, String contender) {
        List<Double> all = samples.getOrDefault(figure, Map.of()).getOrDefault(contender, List.of()).stream()
                .sorted()
                .toList();
        if (all.isEmpty()) {
            return OptionalDouble.empty();
        }
        int middle = all.size() / 2;
        return OptionalDouble.of(all.size() % 2 == 1 ? all.get(middle) : (all.get(middle - 1) + all.get(middle)) / 2);
    }

    private OptionalDouble value(Ratio ratio) {
        OptionalDouble above = median(ratio.figure(), ratio.above());
        OptionalDouble below = median(ratio.figure(), ratio.below());
        return above.isPresent() && below.isPresent() && below.getAsDouble() != 0
                ? OptionalDouble.of(above.getAsDouble() / below.getAsDouble())
                : OptionalDouble.empty();
    }

    JsonNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        samples.forEach((figure, contenders) -> contenders.forEach((contender, values) -> {
            ObjectNode node = json.withObject("figures").withObject(figure).putObject(contender);
            node.put("median", median(figure, contender).orElseThrow());
            values.forEach(node.putArray("samples")::add);
        }));
        for (Ratio ratio : ratios) {
            value(ratio).ifPresent(value -> {
                ObjectNode node = json.withObject("ratios").putObject(ratio.label());
                node.put("ratio", value);
                if (ratio.wanted() > 0) {
                    node.put("wanted", ratio.wanted());
                }
            });
        }
        return json;
    }

    /** Returns a table of the medians, one line per figure, followed by the ratios. */
    String toTable() {
        Set<String> contenders = new LinkedHashSet<>();
        samples.values().forEach(row -> contenders.addAll(row.keySet()));
        StringBuilder table = new StringBuilder(String.format("%-34s", ""));
        contenders.forEach(contender -> table.append(String.format("%18s", contender)));
        samples.keySet().forEach(figure -> {
            table.append(String.format("%n%-34s", figure));
            contenders.forEach(contender -> table.append(String.format("%18s", cell(figure, contender))));
        });
        table.append(System.lineSeparator());
        for (Ratio ratio : ratios) {
            value(ratio)
                    .ifPresent(value -> table.append(String.format(
                            "%n%-70s %8.2f%s",
                            ratio.label(),
                            value,
                            ratio.wanted() > 0 ? String.format("  (wanted: %.2f)", ratio.wanted()) : "")));
        }
        return table.toString();
    }

    private String cell(String figure, String contender) {
        OptionalDouble median = median(figure, contender);
        if (median.isEmpty()) {
            return "-";
        }
        double value = median.getAsDouble();
        return String.format(Locale.ROOT, value < 100 ? "%.2f" : "%,.0f", value);
    }
}
