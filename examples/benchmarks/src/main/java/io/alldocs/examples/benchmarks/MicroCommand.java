package io.alldocs.examples.benchmarks;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.alldocs.examples.benchmarks.micro.KeyBenchmark;
import java.io.PrintWriter;
import java.util.Collection;
import java.util.concurrent.Callable;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs the JMH benchmarks of single steps. */
@Command(
        name = "micro",
        description = "Measures single steps with JMH: keys, metadata, the order of names, rows, listeners.")
final class MicroCommand implements Callable<Integer> {
    @Option(
            names = "--include",
            defaultValue = "",
            description = "Pattern of the benchmarks to run, such as KeyBenchmark (default: all).")
    private String include = "";

    @Option(
            names = "--forks",
            defaultValue = "2",
            description = "JVMs for each benchmark, 0 for this JVM (default: ${DEFAULT-VALUE}).")
    private int forks;

    @Option(
            names = "--iterations",
            defaultValue = "5",
            description = "Iterations, after as many warm-up iterations (default: ${DEFAULT-VALUE}).")
    private int iterations;

    @Option(
            names = "--millis",
            defaultValue = "1000",
            description = "Milliseconds of an iteration (default: ${DEFAULT-VALUE}).")
    private int millis;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws RunnerException {
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include(KeyBenchmark.class.getPackageName() + "\\..*" + include)
                .forks(forks)
                .warmupIterations(iterations)
                .measurementIterations(iterations)
                .warmupTime(TimeValue.milliseconds(millis))
                .measurementTime(TimeValue.milliseconds(millis))
                .verbosity(VerboseMode.SILENT)
                .shouldFailOnError(true);
        print(new Runner(options.build()).run());
        return 0;
    }

    private void print(Collection<RunResult> results) {
        PrintWriter out = spec.commandLine().getOut();
        ArrayNode lines = JsonNodeFactory.instance.arrayNode();
        for (RunResult run : results) {
            Result<?> result = run.getPrimaryResult();
            String name = name(run);
            lines.addObject()
                    .put("benchmark", name)
                    .put("score", result.getScore())
                    .put("error", result.getScoreError())
                    .put("unit", result.getScoreUnit());
            if (!json) {
                out.printf(
                        "%-70s %12.2f ± %8.2f %s%n",
                        name, result.getScore(), result.getScoreError(), result.getScoreUnit());
            }
        }
        if (json) {
            out.println(lines.toPrettyString());
        }
        out.flush();
    }

    private static String name(RunResult run) {
        String benchmark = run.getParams().getBenchmark();
        StringBuilder name =
                new StringBuilder(benchmark.substring(benchmark.lastIndexOf('.', benchmark.lastIndexOf('.') - 1) + 1));
        run.getParams()
                .getParamsKeys()
                .forEach(key -> name.append(' ').append(run.getParams().getParam(key)));
        return name.toString();
    }
}
