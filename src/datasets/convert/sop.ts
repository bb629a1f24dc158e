import { bothWays, type Converter } from './converter.js';
import { findIn, integerIn, readList } from './lists.js';

/**
 * Stanford Online Products (Song et al., "Deep Metric Learning via Lifted Structured Feature Embedding", CVPR 2016): `Ebay_train.txt` and `Ebay_test.txt`,
 * lines of `image_id class_id super_class_id path`. The category is the folder of the picture, as in OML.
 */
export const convertSop: Converter = async (folder) => {
  const [train, test] = [await findIn(folder, 'Ebay_train.txt'), await findIn(folder, 'Ebay_test.txt')];
  const read = async (file: string, validation: boolean) =>
    (await readList(file, 4, { skip: 1 })).map((line) => {
      const path = line.values[3];
      return bothWays(validation, { label: integerIn(line, 1), path, category: path.split('/').at(-2) });
    });
  return { items: [...(await read(train, false)), ...(await read(test, true))], remarks: [] };
};
