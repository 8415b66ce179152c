package io.alldocs.examples.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;

/**
 * A parsed Dockerfile. Each instruction has one line, and a stage may build on another stage.
 *
 * @param stages instructions of each named stage, without the FROM instruction
 * @param bases base of each stage: an image, or another stage
 */
record Dockerfile(Map<String, List<Instruction>> stages, Map<String, String> bases) {

    /** @param arguments the rest of the line */
    record Instruction(String name, String arguments) {}

    static Dockerfile read(Path file) throws IOException {
        Map<String, List<Instruction>> stages = new LinkedHashMap<>();
        Map<String, String> bases = new LinkedHashMap<>();
        List<Instruction> current = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            String[] words = line.split(" ", 2);
            if (words[0].equals("FROM")) {
                String[] from = words[1].split(" AS ", 2);
                current = new ArrayList<>();
                stages.put(from[1], current);
                bases.put(from[1], from[0]);
            } else {
                current.add(new Instruction(words[0], words[1]));
            }
        }
        return new Dockerfile(stages, bases);
    }

    /** Returns all instructions of an image, in the order of their execution. */
    List<Instruction> instructions(String stage) {
        List<Instruction> all = new ArrayList<>();
        String base = bases.get(stage);
        if (stages.containsKey(base)) {
            all.addAll(instructions(base));
        }
        all.addAll(stages.get(stage));
        return all;
    }

    /** Returns the arguments of the last instruction with a name. */
    String last(String stage, String name) {
        return instructions(stage).stream()
                .filter(each -> each.name().equals(name))
                .reduce((first, second) -> second)
                .map(Instruction::arguments)
                .orElseThrow(() -> new NoSuchElementException("No " + name + " in " + stage));
    }
}
